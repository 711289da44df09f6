import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds the service. */
const service = 'http://127.0.0.1:8013';

export default defineConfig({
  // Relative, so that one build works under any BASE_PATH; index.html carries the base.
  base: './',
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 900,
    // What is bundled demands that its licences travel along.
    license: { fileName: 'licenses.md' },
  },
  server: { proxy: { '/api': { target: service, ws: true }, '/health': service } },
});
