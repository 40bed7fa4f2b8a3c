const size = 640;

/** Pictures that the project draws itself, of things the model knows. */
const drawings: Readonly<Record<string, string>> = {
  balloon: `
    <defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#4d92d6"/><stop offset="1" stop-color="#d5e9f8"/></linearGradient>
    <radialGradient id="shade" cx=".38" cy=".3" r=".75"><stop offset=".3" stop-color="#fff" stop-opacity=".25"/><stop offset="1" stop-color="#201030" stop-opacity=".5"/></radialGradient>
    <clipPath id="envelope"><path d="M320 70c-120 0-195 88-195 190 0 105 105 170 155 235h80c50-65 155-130 155-235 0-102-75-190-195-190z"/></clipPath></defs>
    <rect width="640" height="640" fill="url(#sky)"/>
    <g fill="#fff" opacity=".75"><ellipse cx="90" cy="430" rx="95" ry="24"/><ellipse cx="545" cy="520" rx="120" ry="28"/><ellipse cx="560" cy="120" rx="80" ry="18"/></g>
    <g clip-path="url(#envelope)"><rect width="640" height="640" fill="#d8342c"/>
    <path d="M320 70c-170 60-150 330-40 425h-70L100 280 180 90z" fill="#f3b52c"/><path d="M320 70c170 60 150 330 40 425h70l110-215-80-190z" fill="#2c6fbb"/><path d="M320 70c-45 90-50 320-18 425h36c32-105 27-335-18-425z" fill="#f6e9d2"/>
    <rect width="640" height="640" fill="url(#shade)"/></g>
    <path d="M283 495l14 62M357 495l-14 62M310 495v62M330 495v62" stroke="#3b2a1a" stroke-width="3"/>
    <path d="M290 556h60l-6 44h-48z" fill="#8a5a2b"/><path d="M290 556h60v9h-60z" fill="#5d3a18"/>`,
  'traffic-light': `
    <defs><linearGradient id="dusk" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#7d98b5"/><stop offset="1" stop-color="#d9d4cc"/></linearGradient>
    <radialGradient id="red"><stop offset="0" stop-color="#ffd0b8"/><stop offset=".4" stop-color="#ff3a22"/><stop offset="1" stop-color="#b30f06"/></radialGradient></defs>
    <rect width="640" height="640" fill="url(#dusk)"/><rect x="300" y="470" width="40" height="170" fill="#3a3d40"/>
    <rect x="215" y="70" width="210" height="430" rx="26" fill="#17191b"/><rect x="227" y="82" width="186" height="406" rx="18" fill="#232629"/>
    <circle cx="320" cy="155" r="54" fill="url(#red)"/><circle cx="320" cy="285" r="54" fill="#4a3a10"/><circle cx="320" cy="415" r="54" fill="#0f3a1d"/>
    <g fill="none" stroke="#0b0c0d" stroke-width="15"><path d="M258 160a62 62 0 0 1 124 0"/><path d="M258 290a62 62 0 0 1 124 0"/><path d="M258 420a62 62 0 0 1 124 0"/></g>`,
  daisy: `
    <defs><radialGradient id="grass"><stop offset="0" stop-color="#4f8a35"/><stop offset="1" stop-color="#1f4a1c"/></radialGradient>
    <radialGradient id="yolk" cx=".42" cy=".38"><stop offset="0" stop-color="#ffe26a"/><stop offset=".7" stop-color="#f0b010"/><stop offset="1" stop-color="#b87405"/></radialGradient>
    <linearGradient id="petal" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#cfd6e4"/></linearGradient></defs>
    <rect width="640" height="640" fill="url(#grass)"/><path d="M330 380q20 140-10 260h26q26-130 10-260z" fill="#3b7d2a"/>
    ${Array.from({ length: 22 }, (_, at) => `<ellipse cx="320" cy="${at % 2 ? 148 : 158}" rx="27" ry="112" fill="url(#petal)" stroke="#b9c2d2" stroke-width="1.5" transform="rotate(${(at * 360) / 22} 320 285)"/>`).join('')}
    <circle cx="320" cy="285" r="70" fill="url(#yolk)"/>
    ${Array.from({ length: 150 }, (_, at) => {
      const r = 5.4 * Math.sqrt(at);
      const a = at * 2.39996;
      return `<circle cx="${(320 + r * Math.cos(a)).toFixed(1)}" cy="${(285 + r * Math.sin(a)).toFixed(1)}" r="3" fill="#c98608" opacity=".75"/>`;
    }).join('')}`,
  clock: `
    <defs><linearGradient id="wall" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#d9cdbb"/><stop offset="1" stop-color="#b7a78f"/></linearGradient></defs>
    <rect width="640" height="640" fill="url(#wall)"/><circle cx="330" cy="335" r="238" opacity=".25"/><circle cx="320" cy="320" r="235" fill="#2b2b2e"/><circle cx="320" cy="320" r="208" fill="#fbfaf5"/>
    ${Array.from({ length: 60 }, (_, at) => `<rect x="${at % 5 ? 318 : 315}" y="120" width="${at % 5 ? 4 : 10}" height="${at % 5 ? 12 : 26}" transform="rotate(${at * 6} 320 320)"/>`).join('')}
    ${Array.from({ length: 12 }, (_, at) => `<text x="${(320 + 152 * Math.sin(((at + 1) * Math.PI) / 6)).toFixed(1)}" y="${(333 - 152 * Math.cos(((at + 1) * Math.PI) / 6)).toFixed(1)}" font-family="sans-serif" font-weight="bold" font-size="38" text-anchor="middle">${at + 1}</text>`).join('')}
    <rect x="312" y="205" width="16" height="130" transform="rotate(305 320 320)"/><rect x="315" y="150" width="10" height="190" transform="rotate(60 320 320)"/><rect x="318" y="140" width="4" height="220" fill="#c22" transform="rotate(200 320 320)"/><circle cx="320" cy="320" r="13"/>`,
};

/** The drawing of that name, as an SVG document. */
export function drawing(name: string): Buffer {
  const content = drawings[name];
  if (content === undefined) throw new Error(`No drawing is called ${name}.`);
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}">${content}</svg>`,
  );
}

export const drawingNames = Object.keys(drawings);
