/**
 * A YAML text as a tree of values that know their place, file:line:col (YAML 1.2, core schema).
 * Reads with the `yaml` package and adds what an untrusted file needs: a limit on size and on aliases, no tags, no
 * second document. Reading values as times, numbers and mappings is value.ts.
 */
import {
  Composer,
  type Document,
  isAlias,
  isNode,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  visit,
  type YAMLError,
} from 'yaml';
import { AssertionError, assert } from '../assert.ts';
import { type Place, WirqError } from '../errors.ts';
import { MAX_FILE_BYTES } from './scenario.ts';
import { quote } from './suggest.ts';

/** As many as the `yaml` package's own `maxAliasCount` allows. Aliased values are shared, not copied. */
export const MAX_ALIASES = 100;

/** Pieces that the text is cut into: a mark, a word, a blank. A plain step of 10,000 has about 40. */
export const MAX_TOKENS = 500_000;
/** Of open collections; each level of a scenario takes a few. */
export const MAX_DEPTH = 100;

/** Where the nodes of one file stand, and what its aliases stand for. */
export interface SourceText {
  place(offset: number): Place;
  /** The node itself, or the one that an alias repeats. */
  resolve(node: Node): Node;
}

export interface ScenarioDocument {
  readonly source: SourceText;
  readonly contents: Node;
}

/**
 * Reads one YAML document.
 *
 * @throws WirqError `bad-scenario` with the place, for what is not YAML and for what is refused here.
 */
export function readDocument(text: string, file: string): ScenarioDocument {
  if (text.length > MAX_FILE_BYTES || new TextEncoder().encode(text).length > MAX_FILE_BYTES) {
    throw refusal('the scenario is larger than 1 MiB', { file }, 'a scenario is a script; keep bulk input elsewhere');
  }
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return line === 0 ? { file, line: 1, column: 1 } : { file, line, column: col };
  };
  try {
    const document = parse(text, lines, place);
    const targets = document.contents === null ? new Map<Node, Node>() : aliasTargets(document.contents, place);
    if (document.contents === null) {
      throw refusal('the scenario is empty', { file, line: 1, column: 1 }, "begin with 'version: 1'");
    }
    return {
      source: { place, resolve: (node) => targets.get(node) ?? node },
      contents: document.contents,
    };
  } catch (error) {
    if (error instanceof WirqError) throw error;
    if (error instanceof AssertionError) throw error;
    // Nothing is known to get here, but the package makes no promise about what it throws on a hostile text.
    throw refusal(`cannot be read as YAML: ${String(error)}`, { file }, 'simplify the file', error);
  }
}

const OPTIONS: ConstructorParameters<typeof Composer>[0] = {
  prettyErrors: false,
  schema: 'core',
  version: '1.2',
  merge: false,
  resolveKnownTags: false,
  // Exact: 64-bit values are written in scenarios, and a range check must not see a rounded one.
  intAsBigInt: true,
  // Compares each key with all others, which a hostile file makes quadratic; value.ts has its own check.
  uniqueKeys: false,
};

function parse(text: string, lines: LineCounter, place: (offset: number) => Place): Document.Parsed {
  const tokens = readTokens(text, lines, place);
  const [document, second] = new Composer(OPTIONS).compose(tokens, true, text.length);
  assert(document !== undefined, 'the composer was asked for a document even of an empty text');
  // Of several mistakes the first in the file is reported; the package has them in the order of its own discovery.
  const [error] = [...document.errors, ...document.warnings].sort((one, other) => one.pos[0] - other.pos[0]);
  if (error !== undefined) throw syntaxRefusal(error, place);
  if (second !== undefined) {
    const advice = "a scenario file holds one; remove the '---' between them";
    throw refusal('a second document begins here', place(second.range[0]), advice);
  }
  const { yaml } = document.directives;
  if (yaml.explicit && yaml.version !== '1.2') {
    throw refusal(`YAML ${yaml.version} is not read`, place(0), 'scenarios are YAML 1.2; leave the %YAML line out');
  }
  return document;
}

/**
 * The package's own loop over a text, which stops at the first mistake and at the limits: a hostile file would
 * otherwise make it collect a million mistakes, or recurse until the stack is full.
 */
function* readTokens(text: string, lines: LineCounter, place: (offset: number) => Place) {
  const parser = new Parser(lines.addNewLine);
  let count = 0;
  lines.addNewLine(0);
  reading: for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > MAX_TOKENS)
      throw refusal(`more than ${MAX_TOKENS} tokens`, place(parser.offset), 'keep the scenario smaller');
    for (const token of parser.next(lexeme)) {
      yield token;
      if (token.type === 'error') break reading;
    }
    if (parser.stack.length > MAX_DEPTH) {
      throw refusal('nested too deeply', place(parser.offset), 'a scenario needs no more than about five levels');
    }
  }
  yield* parser.end();
}

/** Finds for each alias the nearest anchor of its name before it. */
function aliasTargets(contents: Node, place: (offset: number) => Place): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  visit(contents, (_key, node) => {
    if (!isNode(node)) return;
    if (!isAlias(node)) {
      if ('anchor' in node && node.anchor !== undefined) anchors.set(node.anchor, node);
      return;
    }
    const at = place(node.range?.[0] ?? 0);
    const target = anchors.get(node.source);
    if (target === undefined) {
      throw refusal(`alias ${quote(`*${node.source}`)} repeats nothing`, at, `no '&${node.source}' stands before it`);
    }
    if (targets.size >= MAX_ALIASES) throw refusal(`more than ${MAX_ALIASES} aliases`, at, 'write the values out');
    targets.set(node, target);
  });
  return targets;
}

function syntaxRefusal(error: YAMLError, place: (offset: number) => Place): WirqError {
  const at = place(error.pos[0]);
  switch (error.code as string) {
    case 'TAG_RESOLVE_FAILED':
      return refusal('tags are not read', at, "remove the word that begins with '!'");
    case 'TAB_AS_INDENT':
      return refusal('a tab indents this line', at, 'YAML is indented with spaces');
    default:
      return refusal(`not YAML: ${firstLower(error.message.split('\n')[0]!)}`, at, undefined);
  }
}

function firstLower(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}

function refusal(message: string, place: Place, advice: string | undefined, cause?: unknown): WirqError {
  return new WirqError('bad-scenario', message, { place, advice, cause });
}
