import { library } from "../../tsup.shared.js";

export default library(["doubles", "index", "swapper", "vitest", "zoo", "zoo-owner"]);
