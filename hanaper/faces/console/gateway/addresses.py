"""Addresses of the gateway's pages, below those of a place."""

from django.urls import path

from hanaper.faces.console.gateway import (
    acts,
    adding,
    behaving,
    instances,
    logs,
    nodes,
    resetting,
    statistics,
)

GATEWAY = "gateways/<str:gateway>"
NODE = "gateway-nodes/<str:node>"

for_customers = [
    path(f"{GATEWAY}/domain/", adding.add_domain, name="add-gateway-domain"),
    path(f"{GATEWAY}/behaviour/", behaving.behaviour, name="gateway-behaviour"),
    path(f"{GATEWAY}/certificate/", acts.change_certificate, name="gateway-certificate"),
    path(f"{GATEWAY}/access-log/", logs.access_log, name="gateway-log"),
    path(f"{GATEWAY}/access-logs/<str:log>.jsonl", logs.as_file, name="gateway-log-file"),
    path(f"{GATEWAY}/certificate/retry/", acts.retry_certificate, name="retry-gateway-certificate"),
    path(f"{GATEWAY}/look/", acts.look_again, name="look-at-gateway"),
    path(f"{GATEWAY}/purge/", acts.purge, name="purge-gateway"),
    path(f"{GATEWAY}/reset/", resetting.reset, name="reset-gateway"),
]

for_both = [
    path("gateways/", instances.gateways, name="gateways"),
    path(f"{GATEWAY}/", instances.gateway, name="gateway"),
    path(f"{GATEWAY}/statistics/", statistics.statistics, name="gateway-statistics"),
    path(f"{GATEWAY}/usage.csv", statistics.as_csv, name="gateway-usage-csv"),
]

for_operators = [
    path("gateway-nodes/", nodes.nodes, name="gateway-nodes"),
    path("gateway-nodes/join/", nodes.make_join_token, name="make-join-token"),
    path(f"{NODE}/retire/", nodes.retire, name="retire-gateway-node"),
]
