export { download, type DownloadOptions } from "./local/download.js";
export type { CopyProgress, CopyReport } from "./local/copy-progress.js";
export { upload, type UploadOptions } from "./local/upload.js";
