#!/usr/bin/env node
import { assentCommand } from './prisma/lint.js';

process.exitCode = await assentCommand(process.argv.slice(2), process);
