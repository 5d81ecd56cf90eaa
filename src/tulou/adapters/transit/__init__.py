"""The port `MasterKey` over the Transit API of HashiCorp Vault and OpenBao: the key never leaves that server."""
