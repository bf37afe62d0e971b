// Makes a component of a JavaScript file: componentize.mjs PACKAGE WIT-OR-JS... OUTPUT, the world being named like the file.
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";

const [packageFolder, sourcePath, witPath, outputPath] = process.argv.slice(2);
const { main } = JSON.parse(await readFile(`${packageFolder}/package.json`, "utf8"));
const entry = pathToFileURL(`${packageFolder}/${main ?? "src/componentize.js"}`);
const { componentize } = await import(entry);
const { component } = await componentize(await readFile(sourcePath, "utf8"), {
  witWorld: await readFile(witPath, "utf8"),
  worldName: basename(witPath, ".wit"),
});
await writeFile(outputPath, component);
