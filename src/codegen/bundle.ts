/**
 * `npm run bundle [folder]`: the whole of an image's /app, by default in dist/: one file of code with its source map, the
 * manifests that it prints and installs, and the licences of what is in it.
 */
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const client = join(root, "node_modules/@kubernetes/client-node/dist");

/** Modules find files of the checkout two folders above theirs; in the bundle those lie beside it. */
const moduleUrl = 'new URL("./src/bundle/serin.mjs", import.meta.url).href';
/** Packages in CommonJS ask for Node's modules by `require`. */
const banner = `import { createRequire as serinRequire } from "node:module";
const require = serinRequire(import.meta.url);
const serinModuleUrl = ${moduleUrl};`;

/**
 * Of the client library only the reader of kubeconfigs is used, and of its generated part what that needs: the indexes
 * would bring every model of Kubernetes' API.
 */
const kubeconfigOnly: Plugin = {
  name: "kubeconfig-only",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({
      path: join(client, "config.js"),
    }));
    onResolve({ filter: /^\.\/gen\/index\.js$/ }, () => ({ path: "gen", namespace: "used" }));
    onLoad({ filter: /^gen$/, namespace: "used" }, () => ({
      contents: `export { createConfiguration } from "./gen/configuration.js";
        export { ServerConfiguration } from "./gen/servers.js";`,
      resolveDir: client,
    }));
  },
};

/** Messages of schemas are in English: without this the other languages of zod would be a twelfth of the bundle. */
const englishOnly: Plugin = {
  name: "english-only",
  setup({ onLoad }) {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** Writes everything into `folder`, which it empties before. */
export async function bundle(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    outfile: join(folder, "serin.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    // Names stay, so that stack traces can be read without the map.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    define: { "import.meta.url": "serinModuleUrl" },
    banner: { js: banner },
    plugins: [kubeconfigOnly, englishOnly],
    logLevel: "warning",
  });
  for (const name of ["crds", "analysis-templates", "LICENSE"])
    await cp(join(root, name), join(folder, name), { recursive: true });
  await writeFile(join(folder, "package.json"), await slimPackage());
  await writeFile(join(folder, "THIRD-PARTY-LICENSES.txt"), await licencesOf(metafile));
}

/** What the program reads of itself. */
async function slimPackage(): Promise<string> {
  const { name, version, license, type } = JSON.parse(
    await readFile(join(root, "package.json"), "utf8"),
  );
  return `${JSON.stringify({ name, version, license, type }, undefined, 2)}\n`;
}

async function licencesOf({ inputs }: Metafile): Promise<string> {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => {
      const [own] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
      return own === undefined ? [] : [own];
    }),
  );
  const texts = await Promise.all([...packages].toSorted().map(licenceOf));
  return texts.join(`\n${"-".repeat(80)}\n`);
}

async function licenceOf(path: string): Promise<string> {
  const folder = join(root, path);
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return [`${name} ${version}: ${license}`, ...texts].join("\n\n");
}

if (import.meta.main) await bundle(process.argv[2] ?? join(root, "dist"));
