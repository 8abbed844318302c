@node "%~dp0buf-plugin-accord.cjs" %*
