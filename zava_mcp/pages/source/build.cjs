// Build the pages into ../built: one self-contained page for MCP hosts, three files for the workbench.
// NODE_PATH names the folder with the packages of package.json.
const { buildSync } = require("esbuild");
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const SOURCE = __dirname;
const BUILT = join(__dirname, "..", "built");

function bundled(name) {
  const nodePaths = [process.env.NODE_PATH];
  const options = { bundle: true, minify: true, write: false, target: "es2022", nodePaths };
  const entryPoints = [join(SOURCE, name)];
  const { outputFiles } = buildSync({ ...options, entryPoints, outdir: BUILT, format: "iife" });
  return outputFiles[0].text;
}

function template(name, parts) {
  return readFileSync(join(SOURCE, name), "utf8").replace(
    /<!-- (\w+) -->/g,
    (_, part) => parts[part],
  );
}

const style =
  readFileSync(require.resolve("uplot/dist/uPlot.min.css"), "utf8") + bundled("style.css");
mkdirSync(BUILT, { recursive: true });
// a script ends where its text says so, also inside a string
const script = bundled("app.js").replaceAll("</script", "<\\/script");
writeFileSync(
  join(BUILT, "app.html"),
  template("app.html", { style: `<style>${style}</style>`, script: `<script>${script}</script>` }),
);
writeFileSync(join(BUILT, "workbench.html"), template("workbench.html", {}));
writeFileSync(join(BUILT, "workbench.css"), style);
writeFileSync(join(BUILT, "workbench.js"), bundled("workbench.js"));
