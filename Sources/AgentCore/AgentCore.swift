// AgentCore: see README.
