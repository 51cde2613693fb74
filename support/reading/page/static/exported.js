// The page in one file.

import { start } from "./main.js";
import { local } from "./source_local.js";

start(local);
