import { quote } from "../internal/quote.ts";
import type { ConfigProblem } from "./config-problem.ts";
import type { MonitoringConfig } from "./monitoring-config.ts";

/**
 * The rules for a monitoring file, whose members are known to have the right types.
 *
 * @see tensorflow_serving/model_servers/http_server.cc
 */
export function checkMonitoring({ prometheus }: MonitoringConfig): ConfigProblem[] {
  if (!prometheus?.enable) {
    return [
      {
        severity: "warning",
        rule: "prometheus-off",
        path: prometheus === undefined ? "" : "prometheus",
        reason: "the file switches nothing on: no metrics are served",
        remedy: "write prometheus_config { enable: true }",
      },
    ];
  }
  const { path } = prometheus;
  if (path === undefined || path === "" || /^\/[^?#\s]*$/.test(path)) return [];
  return [
    {
      severity: "error",
      rule: "prometheus-path",
      path: "prometheus.path",
      reason: `no request can have the path ${quote(path)}: the page is served under exactly this one`,
      remedy: "write a path from / on, without a query, or leave it out for /monitoring/prometheus/metrics",
    },
  ];
}
