/** Goal: the name that a module gives its source map leads to files beside the module, and nowhere else, and never waits. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { sourceMapsBeside } from '../../src/host/source-map-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirq-maps-'));
const inside = join(folder, 'build');
mkdirSync(join(inside, 'maps'), { recursive: true });
for (const name of ['build/a.map', 'build/maps/b.map', 'build/a b.map', 'secret.map'])
  writeFileSync(join(folder, name), name);

test.after.always(() => rmSync(folder, { recursive: true, force: true }));

const load = sourceMapsBeside(join(inside, 'firmware.wasm'));

test('beside the module and below it', (t) => {
  t.is(load('a.map'), 'build/a.map');
  t.is(load('./a.map'), 'build/a.map');
  t.is(load('a.map?v=1#x'), 'build/a.map');
  t.is(load('maps/b.map'), 'build/maps/b.map');
  t.is(load('a%20b.map'), 'build/a b.map');
});

const REFUSED = [
  '../secret.map',
  'maps/../../secret.map',
  '%2e%2e/secret.map',
  join(folder, 'secret.map'),
  '//host/a.map',
];
const SCHEMES = ['http://127.0.0.1/a.map', 'https:a.map', `file://${folder}/secret.map`, 'c:/secret.map', ''];
for (const url of [...REFUSED, ...SCHEMES, 'a.map%00.txt', '%zz']) {
  test(`not ${url.replace(folder, '')}`, (t) => {
    t.throws(() => load(url), { code: 'bad-file', message: /it is not read: only files beside what names them are/ });
  });
}

(process.platform === 'win32' ? test.skip : test)('no link leads out', (t) => {
  symlinkSync(join(folder, 'secret.map'), join(inside, 'link.map'));
  symlinkSync(folder, join(inside, 'up'));
  symlinkSync(join(inside, 'a.map'), join(inside, 'fine.map'));
  t.throws(() => load('link.map'), { code: 'bad-file', message: /it leads out of the folder of what names it/ });
  t.throws(() => load('up/secret.map'), { code: 'bad-file' });
  t.is(load('fine.map'), 'build/a.map');
});

test('what is no file is told at once', (t) => {
  t.throws(() => load('absent.map'), { code: 'bad-file', message: /there is no such file/ });
  t.throws(() => load('maps'), { code: 'bad-file', message: /no regular file/ });
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [join(inside, 'pipe.map')]);
  t.throws(() => load('pipe.map'), { code: 'bad-file', message: /no regular file/ });
});
