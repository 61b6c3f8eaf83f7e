import { describe, expect, it } from "vitest";
import { ConfigSyntaxError } from "../../src/config/config-syntax-error.ts";
import { parseBatching, parseModelConfig, parseMonitoring } from "../../src/config/parse-config.ts";
import { readConfig } from "../../src/config/read-config.ts";

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigSyntaxError);
    expect(error).toBeInstanceOf(SyntaxError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

const INT64 = "a whole number from -9223372036854775808 to 9223372036854775807";

describe("parseModelConfig, misused", () => {
  it.each([
    ["model_config_list", '1:18: expected "{" behind model_config_list, found the end of the text'],
    ["model_config_list {", '1:20: expected "}" for the "{" of model_config_list in line 1, found the end of the text'],
    ["model_config_list {\n>", '2:1: expected a field name or "}", found ">"'],
    ["model_config_list { config {} } }", '1:33: expected a field name, found "}"'],
    ["model_config_list [{}]", '1:19: expected a single value: model_config_list is not repeated, found "["'],
    [
      "model_config_list {} model_config_list {}",
      "1:22: expected model_config_list once, found it again; the first is in line 1",
    ],
    [
      "model_config_list {}\ncustom_model_config {}",
      "2:1: expected one of model_config_list and custom_model_config, found both; model_config_list is in line 1",
    ],
    ["5: 1", "1:1: expected a field name, found 5"],
    ['"name": 1', '1:1: expected a field name (without quotes), found the string "name"'],
    ['"a\u007f\u202e"', '1:1: expected a field name (without quotes), found the string "a\\u007f\\u202e"'],
    [";", '1:1: expected a field name, found ";"'],
    ["model_config_list {},,", '1:22: expected a field name, found ","'],
    ["model_config_list { config { name: 'a", "1:36: expected a closing ' on the same line, found the end of the text"],
    ["@", '1:1: expected a field, a value or a bracket, found "@"'],
    ["\u00a0", '1:1: expected a field, a value or a bracket, found "\u00a0"'],
    ["\ud800", "1:1: half a surrogate pair, which no UTF-8 file can hold"],
    ['{"models": []}', '1:1: expected a field name (this looks like JSON, which the server does not read), found "{"'],
    ["[a.b]: 1", "1:1: expected a field name, found [a.b]: an extension, and these messages have none"],
    [
      "custom_model_config { [type.googleapis.com/a.B] {} }",
      "1:23: expected a field name, found [type.googleapis.com/a.B]: an expanded google.protobuf.Any, whose type this library does not know; write its type_url and value",
    ],
  ])("%j", (text, message) => {
    expect(messageOf(() => parseModelConfig(text))).toBe(message);
  });

  it.each([
    ["name 'a'", "2:6: expected \":\" behind name, found the string 'a'"],
    ["name: a", "2:7: expected a string in quotes for name, found a"],
    ["name: ['a']", '2:7: expected a single value: name is not repeated, found "["'],
    ["name: 'a", "2:7: expected a closing ' on the same line, found the end of the line"],
    ["name: '\\q'", '2:8: expected an escape such as \\n, \\", \\\\ or \\101, found "\\\\q"'],
    ["name: '\\400'", "2:8: expected an octal escape up to \\377, found \\400"],
    ["name: '\\xg'", "2:8: expected one or two hexadecimal digits behind \\x"],
    ["name: '\\u12'", "2:8: expected 4 hexadecimal digits behind \\u"],
    ["name: '\\U00110000'", "2:8: expected a Unicode character, found \\U00110000, which is none"],
    ["name: '\\ud800'", "2:8: expected a Unicode character, found \\ud800, which is none"],
    ["name: '\\377'", "2:7: expected text for name, found bytes that are not UTF-8"],
    ["name: '\0'", "2:8: expected no NUL character in a string, found one; write it as \\000"],
    [
      "model_type: FOO",
      '2:13: expected one of MODEL_TYPE_UNSPECIFIED, TENSORFLOW, OTHER for model_type (ModelType), found "FOO"',
    ],
    [
      "version_labels { key: 'a' value: 99999999999999999999 }",
      `2:34: expected ${INT64} for value, found 99999999999999999999`,
    ],
    ["version_labels { key: 'a' value: 08 }", "2:34: expected digits from 0 to 7 behind a leading 0, found 08"],
    ["version_labels { key: 'a' value: 1.0 }", "2:34: expected a whole number for value, found 1.0"],
    ["version_labels { key: 'a' value: 10bar }", '2:34: expected white space behind the number 10, found "b"'],
    ["version_labels { stable: 1 }", '2:18: version_labels entry has no field "stable"'],
    ["version_labels [{}; {}]", '2:19: expected "," or "]" in the list of version_labels, found ";"'],
    [
      "model_version_policy { latest { num_versions: -1 } }",
      '2:47: expected a whole number for num_versions, found "-"',
    ],
    [
      "model_version_policy { latest { num_versions: 4294967296 } }",
      "2:47: expected a whole number from 0 to 4294967295 for num_versions, found 4294967296",
    ],
    ["model_version_policy { all {} latest {} }", "2:31: expected one of all and latest, found both; all is in line 2"],
    [
      "logging_config { sampling_config { sampling_rate: 0x1 } }",
      "2:51: expected a number for sampling_rate, in decimal digits, found 0x1",
    ],
    [
      "logging_config { sampling_config { sampling_rate: much } }",
      "2:51: expected a number for sampling_rate, found much",
    ],
  ])("a model with %j", (fields, message) => {
    expect(messageOf(() => parseModelConfig(`model_config_list { config {\n${fields}\n} }`))).toBe(message);
  });

  it.each([
    ["basePath: 'x'", 'ModelConfig has no field "basePath"; did you mean "base_path"?'],
    ["versions: 1", 'ModelConfig has no field "versions"; it belongs in specific { … }'],
    ["specific {}", 'ModelConfig has no field "specific"; it belongs in model_version_policy { … }'],
    ["model_config_list {}", 'ModelConfig has no field "model_config_list"; it belongs in the outermost level'],
    [
      "max_batch_size {}",
      'ModelConfig has no field "max_batch_size"; it belongs in the batching file (--batching_parameters_file)',
    ],
    [
      "prometheus_config {}",
      'ModelConfig has no field "prometheus_config"; it belongs in the monitoring file (--monitoring_config_file)',
    ],
    ["server_key: ''", 'ModelConfig has no field "server_key"; it belongs in the file of --ssl_config_file'],
    ["port: 8500", 'ModelConfig has no field "port"; it is an option of the server\'s command line, --port'],
    ["toString: 1", 'ModelConfig has no field "toString"'],
    ["__proto__: 1", 'ModelConfig has no field "__proto__"'],
  ])("a model with the foreign field %j", (fields, message) => {
    expect(messageOf(() => parseModelConfig(`model_config_list { config { ${fields} } }`))).toBe(`1:30: ${message}`);
  });

  it("a text that is too large", () => {
    expect(messageOf(() => parseModelConfig(" ".repeat(8 * 1024 * 1024 + 1)))).toBe(
      "1:1: the text has 8388609 characters, expected at most 8388608",
    );
  });
});

describe("parseBatching, misused", () => {
  it.each([
    ["max_batch_size: 128", '1:17: expected "{" behind max_batch_size, found 128; write max_batch_size { value: 128 }'],
    [
      "thread_pool_name: 'a'",
      "1:19: expected \"{\" behind thread_pool_name, found the string 'a'; write thread_pool_name { value: 'a' }",
    ],
    ["max_batch_size { value: 9007199254740992 }", "1:1: expected maxBatchSize up to 2^53-1, found 9007199254740992"],
    ["pad_variable_length_inputs: yes", "1:29: expected true or false for pad_variable_length_inputs, found yes"],
    ["allowed_batch_sizes: [1, 2,]", '1:28: expected a whole number for allowed_batch_sizes, found "]"'],
    ["allowed_batch_sizes [1]", '1:21: expected ":" behind allowed_batch_sizes, found "["'],
    [
      "model_config_list {}",
      '1:1: BatchingParameters has no field "model_config_list"; it belongs in the model file (--model_config_file)',
    ],
  ])("%j", (text, message) => {
    expect(messageOf(() => parseBatching(text))).toBe(message);
  });
});

describe("parseMonitoring, misused", () => {
  it.each([
    ["enable: true", '1:1: MonitoringConfig has no field "enable"; it belongs in prometheus_config { … }'],
    ["prometheus_config: true", '1:20: expected "{" behind prometheus_config, found true'],
  ])("%j", (text, message) => {
    expect(messageOf(() => parseMonitoring(text))).toBe(message);
  });
});

describe("readConfig, misused", () => {
  it.each([
    ['{"models": [], }', '1:16: expected a key in double quotes, found "}"'],
    ["{", "1:2: expected a key in double quotes, found the end of the text"],
    ['{"models": [}', '1:13: expected a JSON value, found "}"'],
    ['{"models" []}', '1:11: expected ":" behind a key, found "["'],
    ['{"models": []} x', "1:16: expected the end of the JSON text, found x"],
    ['{"models": {}}', "1:2: models must be an array, got an object"],
    [
      '{"models": [{"name": 5, "basePath": "/m"}]}',
      "1:14: models[0].name must be text, without half of a surrogate pair, got 5",
    ],
    ['{"models": [{"nmae": "m"}]}', '1:14: models[0] has the unknown key "nmae"; did you mean "name"?'],
    [
      '{"models": [{"versionPolicy": {"lastest": 1}}]}',
      '1:32: models[0].versionPolicy has the unknown key "lastest"; did you mean "latest"?',
    ],
    ['{"modelConfigList": []}', "1:21: expected an object for model_config_list, found an array"],
    ['{"modelConfigList": {"config": {}}}', "1:32: expected an array for config, found an object"],
    [
      '{"modelConfigList": {}, "model_config_list": {}}',
      "1:25: expected model_config_list once, found it in both spellings",
    ],
    [
      '{"modelConfigList": {}, "customModelConfig": {}}',
      "1:25: expected one of model_config_list and custom_model_config, found both",
    ],
    [
      '{"customModelConfig": {"@type": "x"}}',
      '1:24: expected typeUrl and value, found "@type": this library does not know the packed type',
    ],
    ['{"customModelConfig": {"value": "*"}}', '1:33: expected base64 for value, found "*"'],
    ['{"maxBatchSize": "many"}', '1:18: expected a whole number of 64 bits for max_batch_size, found "many"'],
    ['{"maxBatchSize": 1.5}', "1:18: expected a whole number of 64 bits for max_batch_size, found 1.5"],
    ['{"prometheusConfig": {"enable": 1}}', "1:33: expected true or false for enable, found 1"],
    [
      '{"prometheusConfig": {"maxBatchSize": 1}}',
      '1:23: PrometheusConfig has no field "maxBatchSize"; it belongs in the batching file (--batching_parameters_file)',
    ],
    [`{"models": ${"[".repeat(40)}`, "1:44: expected at most 32 levels, found more"],
  ])("%j", (text, message) => {
    expect(messageOf(() => readConfig(text))).toBe(message);
  });
});
