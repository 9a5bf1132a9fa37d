#!/usr/bin/env node
import { run } from './index.ts';
import { stopSignal } from './run-demo.ts';

process.exitCode = await run(process.argv.slice(2), stopSignal());
