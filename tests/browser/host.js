// A host of MCP Apps: npm's AppBridge around an iframe with the default content security policy.
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

const POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'none'";
const META = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
const WATCH =
  "<script>addEventListener('securitypolicyviolation', (e) => console.error('CSP', e.violatedDirective, e.blockedURI))</script>";

// Open a page; resolves when it says that it is ready. callTool and readResource are the test's.
window.openApp = (html, theme = "light") =>
  new Promise((resolve) => {
    document.querySelector("iframe")?.remove();
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.srcdoc = html.replace("<head>", `<head>${META}${WATCH}`);
    Object.assign(frame.style, { width: "100%", height: "700px", border: "0" });
    document.body.append(frame);
    const capabilities = { serverTools: {}, serverResources: {} };
    const bridge = new AppBridge(null, { name: "host", version: "1" }, capabilities, {
      hostContext: { theme, containerDimensions: { maxWidth: 1000 } },
    });
    window.sizes = [];
    bridge.oninitialized = () => resolve();
    bridge.onsizechange = (size) => window.sizes.push(size);
    bridge.oncalltool = (params) => window.callTool(params.name, params.arguments ?? {});
    bridge.onreadresource = (params) => window.readResource(params.uri);
    bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
    window.bridge = bridge;
  });

window.giveResult = async (given, result) => {
  await window.bridge.sendToolInput({ arguments: given });
  await window.bridge.sendToolResult(result);
};
