"""Amazon Bedrock's Converse and ConverseStream. Requests are signed elsewhere."""
