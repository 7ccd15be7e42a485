"""How often do people ask an assistant for guidance, about what, and where does it please instead of help?"""
