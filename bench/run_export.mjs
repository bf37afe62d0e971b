// Calls an export of a module without imports: run_export.mjs MODULE EXPORT [INTEGERS...].
import { readFile } from "node:fs/promises";
import { argv } from "node:process";

const { instance } = await WebAssembly.instantiate(await readFile(argv[2]));
console.log(instance.exports[argv[3]](...argv.slice(4).map(Number)));
