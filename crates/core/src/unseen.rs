//! The characters of a name that people cannot see, or that reorder the ones that they can.
//!
//! Some invisible characters belong to the way words and emoji are written: joiners in Persian or
//! Malayalam, and what makes one picture of several. They are ordinary text in their place and
//! hide something anywhere else.
//!
//! The sets of characters are Unicode's. Scripts are recognized by their blocks, so that later
//! additions to them count too.

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
const TEXT_STYLE: char = '\u{fe0e}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const BLACK_FLAG: char = '🏴';
/// Tags are invisible copies of ASCII characters, this far behind them.
const TAGS: u32 = 0xe_0000;
const CANCEL_TAG: char = '\u{e007f}';

/// The signs that remove the vowel of the letter before them, in the scripts of India and around.
const VIRAMAS: &str = "\
    \u{94d}\u{9cd}\u{a4d}\u{acd}\u{b4d}\u{bcd}\u{c4d}\u{ccd}\u{d3b}\u{d3c}\u{d4d}\u{dca}\u{f84}\
    \u{1039}\u{103a}\u{1714}\u{1715}\u{1734}\u{17d2}\u{1a60}\u{1b44}\u{1baa}\u{1bab}\u{1bf2}\
    \u{1bf3}\u{a806}\u{a82c}\u{a8c4}\u{a953}\u{a9c0}\u{aaf6}\u{abed}\u{10a3f}\u{11046}\u{11070}\
    \u{1107f}\u{110b9}\u{11133}\u{11134}\u{111c0}\u{11235}\u{112ea}\u{1134d}\u{11442}\u{114c2}\
    \u{115bf}\u{1163f}\u{116b6}\u{1172b}\u{11839}\u{1193d}\u{1193e}\u{119e0}\u{11a34}\u{11a47}\
    \u{11a99}\u{11c3f}\u{11d44}\u{11d45}\u{11d97}";

/// The signs that make another letter of the one before them, and so are part of it.
const NUKTAS: &str = "\
    \u{93c}\u{9bc}\u{a3c}\u{abc}\u{b3c}\u{c3c}\u{cbc}\u{1037}\u{1b34}\u{1be6}\u{1c37}\u{a9b3}";

/// A character that a name must not have.
pub(crate) struct Unseen {
    /// Its position, counted in characters from 1.
    pub(crate) position: usize,
    pub(crate) character: char,
    /// What it is, with an article.
    pub(crate) kind: &'static str,
}

/// The first character of a text that breaks the line, turns it, or hides.
pub(crate) fn first_unseen(text: &str) -> Option<Unseen> {
    all_unseen(text).next().map(|(_, unseen)| unseen)
}

/// The byte offsets of the characters of a text that break the line, turn it, or hide, for
/// programs that show names to people. Joiners and the like are left out if they belong to the
/// spelling of a word or to an emoji.
///
/// ```
/// use pinning_keys_core::unseen_in;
///
/// assert_eq!(unseen_in("ci\u{202e}yolped\n").collect::<Vec<_>>(), [2, 11]);
/// assert_eq!(unseen_in("می\u{200c}خواهم ❤\u{fe0f}").next(), None);
/// ```
#[doc(hidden)]
pub fn unseen_in(text: &str) -> impl Iterator<Item = usize> {
    all_unseen(text).map(|(offset, _)| offset)
}

fn all_unseen(text: &str) -> impl Iterator<Item = (usize, Unseen)> {
    // Most texts have none.
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    let suspects = if plain { "" } else { text };
    suspects.char_indices().zip(1..).filter_map(|((at, character), position)| {
        let kind = kind(character)?;
        let (before, rest) = suspects.split_at(at);
        let after = &rest[character.len_utf8()..];
        let is_ordinary = is_spelling(character, before, after)
            || is_style(character, before, after)
            || is_tag(character) && is_in_flag(before, rest);
        (!is_ordinary).then_some((at, Unseen { position, character, kind }))
    })
}

/// Why a character is refused in most places; `None` if it is visible.
fn kind(c: char) -> Option<&'static str> {
    match c {
        _ if c.is_control() => Some("a control character"),
        '\u{2028}' | '\u{2029}' => Some("a line separator"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("a character that changes the text direction")
        }
        _ if is_invisible(c) => Some("an invisible character"),
        _ => None,
    }
}

/// Whether Unicode calls a character default ignorable, or it is the blank of Braille or a mark
/// around an annotation.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character belongs to the spelling of the word that it is in.
fn is_spelling(c: char, before: &str, after: &str) -> bool {
    let (before, after) = (before.chars().next_back(), after.chars().next());
    match c {
        ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => {
            before.is_some_and(|c| VIRAMAS.contains(c)) || is_within_word(before, after)
        }
        // The vowel separator of Mongolian.
        '\u{180e}' => before.is_some_and(is_mongolian) && after.is_some_and(is_mongolian),
        // Variants of letters: of Mongolian ones, and of Han characters, as in Japanese names.
        '\u{180b}'..='\u{180d}' | '\u{180f}' => before.is_some_and(is_mongolian),
        '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_han),
        _ => false,
    }
}

/// Whether a joiner has letters on both sides, at least one of which is of a script in which
/// joiners matter. A Latin word can have a Persian ending.
fn is_within_word(before: Option<char>, after: Option<char>) -> bool {
    let is_letter = |c: char| c.is_alphanumeric() || VIRAMAS.contains(c) || NUKTAS.contains(c);
    let sides = [before, after];
    sides.iter().all(|side| side.is_some_and(is_letter))
        && sides.into_iter().flatten().any(is_joining)
}

/// Whether a character decides how the picture before it is shown, or makes one picture of two.
fn is_style(c: char, before: &str, after: &str) -> bool {
    match c {
        TEXT_STYLE | EMOJI_STYLE if after.starts_with(KEYCAP) => {
            before.ends_with(|base: char| base.is_ascii_digit() || matches!(base, '#' | '*'))
        }
        TEXT_STYLE | EMOJI_STYLE => before.ends_with(is_picture),
        ZERO_WIDTH_JOINER => {
            let first = before.strip_suffix(EMOJI_STYLE).unwrap_or(before);
            first.ends_with(is_picture) && after.starts_with(is_picture)
        }
        _ => false,
    }
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..=CANCEL_TAG)
}

/// Whether tags spell the flag of a region, such as `gbsct`, behind the black flag. `before` and
/// `rest` are the text before one of them and the text from there.
fn is_in_flag(before: &str, rest: &str) -> bool {
    let flag = before.trim_end_matches(is_tag);
    let Some(end) = rest.find(CANCEL_TAG) else { return false };
    let letter = |tag| char::from_u32(u32::from(tag).wrapping_sub(TAGS)).unwrap_or_default();
    let region: String =
        before[flag.len()..].chars().chain(rest[..end].chars()).map(letter).collect();
    let is_part = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    flag.ends_with(BLACK_FLAG)
        && matches!(region.as_bytes(), [b'a'..=b'z', b'a'..=b'z', part @ ..]
            if (1..=4).contains(&part.len()) && part.iter().all(is_part))
}

/// Whether a character is of a script whose letters join or merge: Arabic and its relatives, and
/// the scripts of South and South East Asia and of Mongolia.
fn is_joining(c: char) -> bool {
    matches!(c,
        '\u{600}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1700}'..='\u{18af}'
        | '\u{1a00}'..='\u{1c4f}' | '\u{a800}'..='\u{a95f}' | '\u{a980}'..='\u{aaff}'
        | '\u{abc0}'..='\u{abff}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

fn is_mongolian(c: char) -> bool {
    matches!(c, '\u{1820}'..='\u{18aa}')
}

fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Whether a character is a picture: what Unicode calls an extended pictographic, and the rest of
/// the blocks that hold nearly all of them.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{2199}' | '\u{21a9}'..='\u{21aa}' | '\u{231a}'..='\u{231b}' | '\u{2328}'
        | '\u{2388}' | '\u{23cf}' | '\u{23e9}'..='\u{23f3}' | '\u{23f8}'..='\u{23fa}' | '\u{24c2}'
        | '\u{25aa}'..='\u{25ab}' | '\u{25b6}' | '\u{25c0}' | '\u{25fb}'..='\u{25fe}'
        | '\u{2600}'..='\u{27bf}' | '\u{2934}'..='\u{2935}' | '\u{2b05}'..='\u{2b07}'
        | '\u{2b1b}'..='\u{2b1c}' | '\u{2b50}' | '\u{2b55}' | '\u{3030}' | '\u{303d}' | '\u{3297}'
        | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}
