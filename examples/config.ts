/** Read, check, change and compare the files that configure a server. No server is needed. */
import { ConfigSyntaxError, check, parseModelConfig, plan, printModelConfig, printPlan } from "tfserving/config";

const file = `
# What runs today.
model_config_list {
  config {
    name: "half_plus_two"
    base_path: "/models/half_plus_two"
    model_platform: "tensorflow"
    model_version_policy { specific { versions: 46 } }
    version_labels { key: "stable" value: 46 }
  }
}`;
const today = parseModelConfig(file);

// What cannot be read has a line, a column and a reason.
try {
  parseModelConfig(file.replace("base_path", "basePath"));
} catch (error) {
  if (!(error instanceof ConfigSyntaxError)) throw error;
  console.log(error.message); // prints 6:5: ModelConfig has no field "basePath"; did you mean "base_path"?
}

// What can be read may still be refused by the server, or do something else than one thinks.
for (const { line, severity, reason, remedy } of check(file.replace('"/models', '"models'))) {
  console.log(`line ${line}: ${severity}: ${reason}; ${remedy}`);
}

// Version 47 comes beside 46. A label can only follow with a second reload, when 47 is available.
const tomorrow = {
  models: today.models.map((model) => ({ ...model, versionPolicy: { specific: [46, 47] } })),
};
console.log(printPlan(plan(today, tomorrow)));
const inOneStep = { models: tomorrow.models.map((model) => ({ ...model, versionLabels: { stable: 47 } })) };
const error = plan(today, inOneStep).problems.find(({ severity }) => severity === "error");
console.log(error?.rule); // prints label-not-loaded

console.log(printModelConfig(tomorrow));
