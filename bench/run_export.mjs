// Calls the export `run` of a module without imports: run_export.mjs MODULE INTEGER.
import { readFile } from "node:fs/promises";
import { argv } from "node:process";

const { instance } = await WebAssembly.instantiate(await readFile(argv[2]));
console.log(instance.exports.run(Number(argv[3])));
