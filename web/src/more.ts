// What few visits need at once, as a file of its own: dialogs and exports. The page loads it when it is otherwise done (later.ts).
export { openLabels, openModel } from './about.ts';
export { curlCommand, download, exportName, toCsv, toJson, toRow } from './export.ts';
export { openViewer } from './viewer.ts';
