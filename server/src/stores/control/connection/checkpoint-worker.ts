import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** A thread with a connection of its own, which copies SQLite's log into the database when told to. */
const database = new DatabaseSync(workerData as string);
// Nobody is waited for: what cannot be copied now is copied the next time.
const checkpoint = database.prepare('pragma wal_checkpoint(passive)');

parentPort!.on('message', () => {
  try {
    const { log, checkpointed } = checkpoint.get() as { log: number; checkpointed: number };
    parentPort!.postMessage({ log, checkpointed });
  } catch (error) {
    parentPort!.postMessage({ problem: (error as Error).message });
  }
});
