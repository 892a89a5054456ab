#!/usr/bin/env node
/** The commands of the package: `npx assent`. */
import { ASSENT } from './assent-commands.js';
import { runCommand } from './command.js';

process.exitCode = await runCommand(ASSENT.help, ASSENT.commands, process.argv.slice(2), process);
