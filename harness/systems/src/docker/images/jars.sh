#!/bin/sh
# Downloads the jars of /in/pom.xml to /out by Maven. Its local repository is thrown away: a file cut short there would be
# believed for ever, and what is verified is kept elsewhere.
set -eu
if [ -e /certificates.pem ]; then
  # Java's trust store holds the public authorities; those that this site adds are taken from its bundle.
  cp /etc/ssl/certs/java/cacerts /tmp/cacerts
  python3 - <<'END'
import re
pattern = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)
read = lambda path: set(pattern.findall(open(path, errors="replace").read()))
known = read("/etc/ssl/certs/ca-certificates.crt")
for number, text in enumerate(sorted(read("/certificates.pem") - known)):
    open(f"/tmp/extra-{number}.pem", "w").write(text + "\n")
END
  for extra in /tmp/extra-*.pem; do
    [ -e "$extra" ] || continue
    keytool -importcert -noprompt -keystore /tmp/cacerts -storepass changeit -alias "$(basename "$extra")" -file "$extra" \
      > /dev/null 2>&1 || echo "$(basename "$extra") is no certificate that Java takes"
  done
  export MAVEN_OPTS="-Djavax.net.ssl.trustStore=/tmp/cacerts -Djavax.net.ssl.trustStorePassword=changeit"
fi
mvn -q -B -Dmaven.repo.local=/tmp/m2 -f /in/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
  -DoutputDirectory=/out -DincludeScope=runtime
