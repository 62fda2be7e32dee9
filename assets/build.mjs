// Compiles the styles and scripts into grants/static/build/, each named by its content so that browsers may keep it for ever.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { compile } from "sass";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const library = join(root, "node_modules/govuk-frontend");
const target = join(root, "grants/static/build");
const names = {};

mkdirSync(target, { recursive: true });
styles();
script("govuk-frontend.js", readFileSync(join(library, "dist/govuk/govuk-frontend.min.js"), "utf8"));
for (const file of readdirSync(join(root, "assets/js")).filter((name) => name !== "app.js")) {
  script(file, readFileSync(join(root, "assets/js", file), "utf8"));
}
script("app.js", readFileSync(join(root, "assets/js/app.js"), "utf8"));
keep("icon.svg", readFileSync(join(root, "assets/icon.svg"), "utf8"));
copyFileSync(join(root, "assets/govuk-frontend-licence.txt"), join(target, "govuk-frontend-licence.txt"));
fonts();
finish();

function styles() {
  const { css } = compile(join(root, "assets/scss/app.scss"), {
    style: "compressed",
    loadPaths: [join(root, "node_modules")],
    quietDeps: true,
    charset: false,
  });
  // Written out hundreds of times, these only weigh: fallbacks of custom properties, which every browser that we
  // support knows, the thinning of letters on a Mac, and another font on paper. The library's own blue is left in one
  // place, a select's option.
  const light = css
    .replace(/var\((--govuk-[\w-]+-colour), ?#[0-9a-f]{3,8}\)/g, "var($1)")
    .replace(/-webkit-font-smoothing:antialiased;-moz-osx-font-smoothing:grayscale;?/g, "")
    .replace(/@media print\{[^{}]+\{font-family:sans-serif\}\}/g, "")
    .replaceAll("#1d70b8", "var(--govuk-link-colour)");
  keep("app.css", `/*! Uses govuk-frontend, MIT licence: see govuk-frontend-licence.txt */\n${light}`);
}

// Imports between our scripts are rewritten to the names that hold a hash.
function script(name, source) {
  const text = source
    .replace(/\n?\/\/# sourceMappingURL=.*/, "")
    .replace(/from "\.\/([\w-]+\.js)"/g, (_, other) => `from "./${names[other]}"`);
  keep(name, text);
}

function keep(name, text) {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 10);
  const kind = extname(name);
  names[name] = `${name.slice(0, -kind.length)}.${hash}${kind}`;
  const path = join(target, names[name]);
  writeFileSync(path, text);
  writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
  writeFileSync(`${path}.br`, brotliCompressSync(text));
}

// What documents are written with beside Typst's own: for each script that people of the county write, plain and bold,
// each with its licence (OFL). They are no part of any page.
function fonts() {
  const shelf = join(root, "node_modules/@expo-google-fonts");
  const folder = join(root, "grants/foundation/documents/fonts");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const font of readdirSync(shelf)) {
    for (const weight of ["400Regular", "700Bold"]) {
      const [file] = readdirSync(join(shelf, font, weight)).filter((name) => name.endsWith(".ttf"));
      copyFileSync(join(shelf, font, weight, file), join(folder, file));
    }
    copyFileSync(join(shelf, font, "LICENSE_FONT"), join(folder, `${font}-licence.txt`));
  }
}

// The manifest changes last and at once; what it does not name any more is removed.
function finish() {
  const draft = join(target, "manifest.json.new");
  writeFileSync(draft, `${JSON.stringify(names, null, 2)}\n`);
  renameSync(draft, join(target, "manifest.json"));
  const wanted = new Set(["manifest.json", "govuk-frontend-licence.txt"]);
  for (const name of Object.values(names)) for (const end of ["", ".gz", ".br"]) wanted.add(name + end);
  for (const name of readdirSync(target)) if (!wanted.has(name)) rmSync(join(target, name), { recursive: true });
}
