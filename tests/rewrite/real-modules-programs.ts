/**
 * Packages that bring a WebAssembly module, by compiler, each with a small job whose outcome is text. The packages are used as
 * anybody would use them; none of them knows that its module may be a rewritten one.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../support/root.ts';

// biome-ignore lint/suspicious/noExplicitAny: the packages' own types are no part of what is tested
type Package = any;

export interface RealProgram {
  readonly name: string;
  readonly compiler: string;
  /** The module, in node_modules; undefined where it is inside a script. */
  readonly file: string | undefined;
  readonly job: () => Promise<string> | string;
}

const modules = join(root, 'node_modules');
const require = createRequire(join(root, 'package.json'));
/** A package's file, or the entry that `require` finds. */
const load = (path: string): Promise<Package> => import(pathToFileURL(join(modules, path)).href);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

async function esbuild(): Promise<string> {
  // The package's own path in Node starts a process; the browser's runs here, and looks for `self`.
  const scope = globalThis as { self?: unknown };
  scope.self = globalThis;
  const { initialize, transform, stop } = await load('esbuild-wasm/esm/browser.js');
  const bytes = readFileSync(join(modules, 'esbuild-wasm/esbuild.wasm'));
  await initialize({ wasmModule: new WebAssembly.Module(bytes), worker: false });
  const source = 'const x: number = 1 + 2; export class A { #p = x; get p() { return this.#p ?? [x]?.[0] } }';
  const { code } = await transform(source, { loader: 'ts', minify: true, target: 'es2019' });
  await stop();
  delete scope.self;
  return code;
}

async function lightningcss(): Promise<string> {
  const { transform } = await load('lightningcss-wasm/wasm-node.mjs');
  const code = Buffer.from(
    '.a { color: rgba(255, 0, 0, 1); margin: 0px 0px; & .b { width: calc(100% - (2px + 3px)) } }',
  );
  return Buffer.from(
    transform({ filename: 'a.css', code, minify: true, targets: { chrome: 80 << 16 } }).code,
  ).toString();
}

function sqlite(): string {
  const { Database } = require('node-sqlite3-wasm');
  const database = new Database(':memory:');
  database.exec('create table t (a integer, b text); begin');
  for (let i = 0; i < 300; i++) database.run('insert into t values (?, ?)', [i, `x${(i * 7919) % 1000}`]);
  database.exec('commit');
  const rows = database.all('select b, count(*) c, sum(a) s from t group by substr(b, 1, 2) order by s desc');
  database.close();
  return JSON.stringify(rows);
}

async function quickjs(): Promise<string> {
  const { newQuickJSWASMModuleFromVariant } = require('quickjs-emscripten-core');
  const variant = require('@jitl/quickjs-wasmfile-release-sync');
  const engine = await newQuickJSWASMModuleFromVariant(variant.default ?? variant);
  const source = `let s = 0; for (let i = 0; i < 3000; i++) s += i % 7;
    JSON.stringify({ s, text: 'abc123'.replace(/\\d+/, (x) => x * 2), sorted: [3, 1, 2].sort(), caught: (() => {
      try { null.x } catch (error) { return error.message } })() })`;
  return JSON.stringify(engine.evalCode(source));
}

async function oniguruma(): Promise<string> {
  const { loadWASM, OnigScanner, OnigString } = require('vscode-oniguruma');
  const bytes = readFileSync(join(modules, 'vscode-oniguruma/release/onig.wasm'));
  await loadWASM(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const scanner = new OnigScanner(['(?<n>\\w+)\\s+\\k<n>', '\\d{3}', '(a|b)*?c(?=d)']);
  return JSON.stringify(
    ['one two two 345', 'one 345', 'ababcd', '-'].map((text) => scanner.findNextMatchSync(new OnigString(text), 0)),
  );
}

function brotli(): string {
  const { compress, decompress } = require('brotli-wasm');
  const text = Buffer.from(Array.from({ length: 200 }, (_, i) => `line ${(i * i) % 37} of many\n`).join(''));
  const compressed = compress(text, { quality: 5 });
  return `${hex(compressed)} ${Buffer.from(decompress(compressed)).equals(text)}`;
}

const formatter = (name: string, source: string) => async (): Promise<string> => {
  const { format } = await load(`@wasm-fmt/${name}/${name}_node.js`);
  return format(source, `source.${name}`);
};

async function zig(): Promise<string> {
  const { default: initialize, format } = await load('@wasm-fmt/zig_fmt/zig_fmt_node.js');
  await initialize();
  return format('const std=@import("std");\npub fn main() void{const x:u32=1;if(x>0){std.debug.print("{}",.{x});}}');
}

async function wabt(): Promise<string> {
  const tools = await require('wabt')();
  const module = tools.parseWat(
    'a.wat',
    '(module (func (export "f") (param i32) (result i32) (i32.ctz (local.get 0))))',
  );
  const { buffer } = module.toBinary({});
  return hex(buffer);
}

async function binaryen(): Promise<string> {
  const { default: tools } = await load('binaryen/index.js');
  const module = tools.parseText(`(module (memory 1) (func (export "f") (param i32) (result i32) (local i32)
    (local.set 1 (i32.mul (local.get 0) (i32.const 8))) (i32.add (local.get 1) (i32.load (i32.const 4)))))`);
  module.optimize();
  return hex(module.emitBinary());
}

export const realPrograms: readonly RealProgram[] = [
  { name: 'esbuild', compiler: 'Go', file: 'esbuild-wasm/esbuild.wasm', job: esbuild },
  { name: 'lightningcss', compiler: 'Rust', file: 'lightningcss-wasm/lightningcss_node.wasm', job: lightningcss },
  { name: 'brotli', compiler: 'Rust, wasm-bindgen', file: 'brotli-wasm/pkg.node/brotli_wasm_bg.wasm', job: brotli },
  { name: 'sqlite', compiler: 'C, Emscripten', file: 'node-sqlite3-wasm/dist/node-sqlite3-wasm.wasm', job: sqlite },
  {
    name: 'quickjs',
    compiler: 'C, Emscripten',
    file: '@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm',
    job: quickjs,
  },
  { name: 'oniguruma', compiler: 'C++, Emscripten', file: 'vscode-oniguruma/release/onig.wasm', job: oniguruma },
  { name: 'wabt', compiler: 'C++, Emscripten', file: undefined, job: wabt },
  { name: 'binaryen', compiler: 'C++, Emscripten, exceptions', file: undefined, job: binaryen },
  {
    name: 'dart_fmt',
    compiler: 'Dart, garbage collection',
    file: '@wasm-fmt/dart_fmt/dart_fmt.wasm',
    job: formatter('dart_fmt', 'main(){if(1>2){print("x");}else{ var a=[1,2,3].map((e)=>e*2).toList(); } }'),
  },
  {
    name: 'gofmt',
    compiler: 'TinyGo',
    file: '@wasm-fmt/gofmt/gofmt.wasm',
    job: formatter('gofmt', 'package main\nimport "fmt"\nfunc  main( ){ if x:=1;x>0{ fmt.Println( x ) } }'),
  },
  {
    name: 'shfmt',
    compiler: 'TinyGo',
    file: '@wasm-fmt/shfmt/shfmt.wasm',
    job: formatter('shfmt', 'if [ 1 = 1 ];then\necho "a"|cat;fi; case x in a) b;; esac'),
  },
  { name: 'zig_fmt', compiler: 'Zig', file: '@wasm-fmt/zig_fmt/zig_fmt.wasm', job: zig },
  {
    name: 'as-sha256',
    compiler: 'AssemblyScript, vectors',
    file: '@chainsafe/as-sha256/build/optimized.simd.wasm',
    job: async () => hex((await load('@chainsafe/as-sha256/lib/index.js')).digest(Buffer.from('abc'.repeat(50)))),
  },
  {
    name: 'xxhash',
    compiler: 'hand-written text format',
    file: 'xxhash-wasm/workerd/xxhash.wasm',
    job: async () => (await (await load('xxhash-wasm/esm/xxhash-wasm.js')).default()).h64ToString('abc'.repeat(1000)),
  },
];

/** More modules of these packages and of tools, to rewrite only. */
export const moreFiles: readonly string[] = [
  '@chainsafe/as-sha256/build/untouched.wasm',
  '@chainsafe/as-sha256/build/untouched.simd.wasm',
  '@chainsafe/as-sha256/build/optimized.wasm',
  '@wasm-fmt/dart_fmt/dart_fmt.unopt.wasm',
  '@yowasp/clang/gen/llvm.core2.wasm',
  '@yowasp/clang/gen/llvm.core3.wasm',
];
