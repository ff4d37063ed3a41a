// How the front end is built: hashed names for everything but index.html, nothing
// inlined (the CSP has no unsafe-inline and no data:), nothing fetched from outside.
import { defineConfig } from 'vite';

const server = process.env.PLANTAO_URL ?? 'http://127.0.0.1:8080';
const toServer = { target: server, changeOrigin: false };

export default defineConfig({
	esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
	build: {
		target: 'es2020',
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
		rollupOptions: {
			output: {
				entryFileNames: 'assets/[name]-[hash].js',
				chunkFileNames: 'assets/[name]-[hash].js',
				assetFileNames: 'assets/[name]-[hash][extname]',
			},
		},
	},
	server: {
		host: '127.0.0.1',
		port: 5173,
		proxy: { '/api': toServer, '/health': toServer, '/ready': toServer, '/live': toServer, '/metrics': toServer },
	},
});
