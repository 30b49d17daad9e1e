/** Files that the user names: what is said when they cannot be used, and that what is written arrives whole. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { WirqError } from '../../src/errors.ts';
import { fileError, isErrno, OutputFile, readBytes, readText } from '../../src/host/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirq-files-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof WirqError && error.code === 'bad-file') return error.message.replaceAll(folder, '');
    throw error;
  }
  return 'not refused';
}

test('reads bytes and text as they are', (t) => {
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0xc3, 0xa4, 0x0d, 0x0a);
  writeFileSync(join(folder, 'text'), bytes);
  t.deepEqual(readBytes(join(folder, 'text')), bytes);
  t.is(readText(join(folder, 'text')), 'ä\r\n', 'without the byte order mark');
});

test('says which file cannot be read, and why', (t) => {
  writeFileSync(join(folder, 'latin1'), Uint8Array.of(0xe4));
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('loop', join(folder, 'loop'));
  t.is(
    refusal(() => readBytes(join(folder, 'nothing'))),
    'cannot read /nothing: there is no such file',
  );
  t.is(
    refusal(() => readBytes(join(folder, 'file', 'x'))),
    'cannot read /file/x: a part of its path is not a directory',
  );
  t.is(
    refusal(() => readBytes(folder)),
    'cannot read : it is a directory',
  );
  t.is(
    refusal(() => readText(join(folder, 'latin1'))),
    'cannot read /latin1: it is not UTF-8 text',
  );
  t.regex(
    refusal(() => readBytes(join(folder, 'loop'))),
    /^cannot read \/loop: .*ELOOP/,
  );
});

test('writes bit by bit, in order, over what was there', (t) => {
  const file = join(folder, 'out');
  writeFileSync(file, 'what was there before, and longer');
  const output = new OutputFile(file);
  const parts = Array.from({ length: 30_000 }, (_, at) => `${at} ü\n`);
  for (const part of parts) output.write(part);
  t.true(readFileSync(file).length > 0, 'not all of it waits for the end');
  output.close();
  t.is(readFileSync(file, 'utf8'), parts.join(''));
});

test('an empty file is made even when nothing is written', (t) => {
  new OutputFile(join(folder, 'empty')).close();
  t.is(readFileSync(join(folder, 'empty'), 'utf8'), '');
});

test('says which file cannot be written', (t) => {
  t.is(
    refusal(() => new OutputFile(join(folder, 'no', 'x'))),
    'cannot write /no/x: there is no such file',
  );
  t.is(
    refusal(() => new OutputFile(folder)),
    'cannot write : it is a directory',
  );
});

test('a failure without a known reason is told in its own words', (t) => {
  t.is(fileError('x', 'write', new Error('out of ink')).message, 'cannot write x: out of ink');
  t.is(fileError('x', 'read', 'nothing').message, 'cannot read x: nothing');
  t.is(
    fileError('x', 'write', Object.assign(new Error(), { code: 'ENOSPC' })).message,
    'cannot write x: the disk is full',
  );
});

test('tells errors of the system by their codes', (t) => {
  t.true(isErrno(Object.assign(new Error(), { code: 'EPIPE' }), 'EPIPE'));
  t.false(isErrno(Object.assign(new Error(), { code: 'EPIPE' }), 'EIO'));
  t.false(isErrno(new Error('EPIPE'), 'EPIPE'));
  t.false(isErrno({ code: 'EPIPE' }, 'EPIPE'));
  t.false(isErrno(undefined, 'EPIPE'));
});
