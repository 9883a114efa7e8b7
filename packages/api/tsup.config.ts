import { library } from "../../tsup.shared.js";

// oxlint-disable-next-line import/no-default-export -- tsup reads its configuration from the default export
export default library(["index", "seed"]);
