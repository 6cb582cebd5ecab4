"""What several gateways may share: cooldowns, quotas, limits, affinity and usage, in one small store."""
