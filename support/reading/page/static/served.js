// The page that the lesson's server serves.

import { start } from "./main.js";
import { server } from "./source_server.js";

start(server);
