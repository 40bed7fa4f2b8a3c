import { enableCompileCache } from 'node:module';

// JavaScript, and loaded before all else: to compile the first TypeScript file, which is not in the cache otherwise, takes longer than to load
// all others from it. What is compiled is kept for the next start, in the system's temporary folder.
enableCompileCache();
