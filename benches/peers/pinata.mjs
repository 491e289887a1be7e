// The official client, npm's `pinata`, as its README has it. Its argument is the job that the Rust
// peers get too; it says in JSON what it took.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(pathToFileURL(process.env.PINATA_FOLDER + "/"));
const { PinataSDK } = require("pinata");

const { address, warm_up, keys, concurrency } = JSON.parse(process.argv[2]);
const pinata = new PinataSDK({
  pinataJwt: process.env.PINATA_SAMPLE_JWT,
  endpointUrl: `http://${address}/v3`,
});

async function issueAll(keys) {
  const latencies = [];
  let next = 0;
  const worker = async () => {
    while (next < keys) {
      const keyName = `user-${next++}`;
      const began = process.hrtime.bigint();
      const created = await pinata.keys.create({
        keyName,
        permissions: { resources: ["org:files:read"] },
      });
      if (!created.JWT) throw new Error("a part of the key is empty");
      latencies.push(Number(process.hrtime.bigint() - began));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return latencies.sort((a, b) => a - b);
}

await issueAll(warm_up);
const cpu = process.cpuUsage();
const began = process.hrtime.bigint();
const latencies = await issueAll(keys);
const wall = process.hrtime.bigint() - began;
const { user, system } = process.cpuUsage(cpu);

const percentile = (share) => latencies[Math.round((latencies.length - 1) * share)];
const peak = readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s*(\d+)/)[1];
console.log(
  JSON.stringify({
    wall_ns: Number(wall),
    cpu_ns: (user + system) * 1000,
    p50_ns: percentile(0.5),
    p99_ns: percentile(0.99),
    peak_kib: Number(peak),
  }),
);
process.exit(0);
