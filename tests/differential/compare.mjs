// node compare.mjs SUPPORT HASHER LOG: makes the calls that a log of `differential` lists, in V8, and compares what comes
// of them. Prints a line for each difference, then how many modules agreed and how many did not.
import { readFileSync } from 'node:fs';

const [supportPath, hasherPath, logPath] = process.argv.slice(2);
const support = new WebAssembly.Module(readFileSync(supportPath));
const hasher = new WebAssembly.Module(readFileSync(hasherPath));

const bits = new DataView(new ArrayBuffer(8));

function parse(text) {
  const [type, digits] = text.split(':');
  bits.setBigUint64(0, digits === 'nan' ? 0x7ff8000000000000n : BigInt('0x' + digits));
  switch (type) {
    case 'i32': return bits.getInt32(4);
    case 'i64': return bits.getBigInt64(0);
    case 'f32': return digits === 'nan' ? NaN : bits.getFloat32(4);
    default: return bits.getFloat64(0);
  }
}

function show(value, type) {
  bits.setBigUint64(0, 0n);
  switch (type) {
    case 'i32': bits.setInt32(4, value); break;
    case 'i64': bits.setBigInt64(0, value); break;
    case 'f32': bits.setFloat32(4, value); break;
    default: bits.setFloat64(0, value);
  }
  const isNaN = typeof value === 'number' && value !== value;
  return type + ':' + (isNaN ? 'nan' : bits.getBigUint64(0).toString(16));
}

// From V8's messages to the texts of the standard's test suite that they stand for.
const traps = [
  [/^unreachable$/, ['unreachable']],
  [/^(divide|remainder) by zero$/, ['integer divide by zero']],
  [/^divide result unrepresentable$/, ['integer overflow']],
  [/^float unrepresentable in integer range$/, ['integer overflow', 'invalid conversion to integer']],
  [/^memory access out of bounds$|^data segment/, ['out of bounds memory access']],
  [/^table index is out of bounds$/, ['undefined element', 'out of bounds table access']],
  [/^table access out of bounds$|^element segment|^table initializer/, ['out of bounds table access', 'undefined element']],
  [/^null function or function signature mismatch$/, ['uninitialized element', 'indirect call type mismatch']],
  [/^dereferencing a null pointer$/, ['null reference', 'null function reference']],
  [/^Maximum call stack size exceeded$/, ['call stack exhausted']],
];

// Whether what V8 threw is what `expected` names.
function isTrap(error, expected) {
  const entry = traps.find(([pattern]) => pattern.test(error.message));
  if (entry === undefined || !expected.startsWith('trap:')) return false;
  return entry[1].includes(expected.slice('trap:'.length));
}

// The outcome in the form of the log; a trap that fits is the expected text itself.
function outcomeOf(call, expected) {
  let results;
  try {
    results = call();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError)
      return isTrap(error, expected) ? expected : `trap in V8: ${error.message}`;
    throw error;
  }
  const types = expected === '' || expected.startsWith('trap:') ? [] : expected.split(' ').map((text) => text.split(':')[0]);
  const values = results === undefined ? [] : Array.isArray(results) ? results : [results];
  if (values.length !== types.length) return `${values.length} results in V8`;
  return values.map((value, i) => show(value, types[i])).join(' ');
}

let agreed = 0;
let differed = 0;
let path, imports, instance, isSame;

function finish() {
  if (path === undefined) return;
  if (isSame) ++agreed;
  else ++differed;
}

function check(what, expected, found) {
  if (found === expected) return;
  isSame = false;
  console.log(`${path}: ${what}: tenon ${expected}, V8 ${found}`);
}

function step(line) {
  const [kind, ...rest] = line.split('\t');
  if (kind === 'module') {
    finish();
    path = rest[0];
    isSame = true;
    imports = new WebAssembly.Instance(support).exports;
    instance = undefined;
    return;
  }
  if (instance === undefined) {
    const expected = kind === 'instantiate' ? rest[0] : '';
    const module = new WebAssembly.Module(readFileSync(path));
    const found = outcomeOf(() => {
      instance = new WebAssembly.Instance(module, { 'fuzzing-support': imports });
    }, expected);
    check('instantiate', expected, found);
    if (kind === 'instantiate' || instance === undefined) return;
  }
  if (kind === 'call') {
    const [name, argumentsText, expected] = rest;
    const given = argumentsText === '' ? [] : argumentsText.split(' ').map(parse);
    instance.exports.hangLimitInitializer?.();
    check(`${name}(${argumentsText})`, expected, outcomeOf(() => instance.exports[name](...given), expected));
  } else {
    const [what, expected] = rest;
    const from = what === 'log' ? imports : new WebAssembly.Instance(hasher, { generated: instance.exports }).exports;
    check(`hash of ${what}`, expected, outcomeOf(() => from.hash(), expected));
  }
}

for (const line of readFileSync(logPath, 'utf8').split('\n')) {
  if (line !== '') step(line);
}
finish();
console.log(`${agreed} agreed, ${differed} differed`);
