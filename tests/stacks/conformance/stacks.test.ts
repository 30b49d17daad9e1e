/** The conformance suite over side stacks, and where they meet the rest of the language (conform.ts says what it checks). */
import { conform } from './conform.ts';
import { LANGUAGE } from './language.ts';
import { SWITCHES } from './switches.ts';

conform([...SWITCHES, ...LANGUAGE]);
