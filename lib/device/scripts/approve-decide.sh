# shellcheck shell=sh disable=SC2034,SC2154
# Decides about certificate requests. Parses the DER encoding of a request itself, and rejects whatever a kubelet would not
# write. The text that a program such as openssl prints about a request cannot be trusted: its author can make it say
# anything.

# Reads lines of facts, then lines of requests. Texts that others have chosen are in hexadecimal, so that they cannot
# end a line.
#   machine NAME auto|manual [ADDRESS_ADDRESS]     as declared
#   node NAME [ADDRESS...]                         as the node reports itself
#   reserved [ADDRESS...]                          addresses of the API server
#   request NAME UID VERSION USER PEM USAGES GROUPS
# Prints `approve NAME UID VERSION NODE` or `leave NAME CAUSE`.
decide() {
  awk '
    function byte(at) { return 16 * nibble(substr(der, 2 * at + 1, 1)) + nibble(substr(der, 2 * at + 2, 1)) }
    function nibble(digit) { return index("0123456789abcdef", digit) - 1 }
    function bytes(at, to) { return substr(der, 2 * at + 1, 2 * (to - at)) }

    # Decodes a text from hexadecimal digits. Returns nothing if it has blanks or characters that are not ASCII.
    function text(hex,   at, code, out) {
      for (at = 1; at < length(hex); at += 2) {
        code = 16 * nibble(substr(hex, at, 1)) + nibble(substr(hex, at + 1, 1))
        if (code < 33 || code > 126) return ""
        out = out substr(printable, code - 32, 1)
      }
      return out
    }

    # Reads the DER element at a position: sets tag, start and stop. Only the shortest encoding of a length is valid.
    function element(at, end,   size, count) {
      if (at + 2 > end) return 0
      tag = bytes(at, at + 1)
      size = byte(at + 1)
      at += 2
      if (size >= 128) {
        count = size - 128
        if (count < 1 || count > 2 || at + count > end) return 0
        size = byte(at)
        if (count == 2) size = 256 * size + byte(at + 1)
        if (size < (count == 1 ? 128 : 256)) return 0
        at += count
      }
      if (at + size > end) return 0
      start = at
      stop = at + size
      return 1
    }
    function is(wanted, at, end) { return element(at, end) && tag == wanted }
    # Whether the element has this tag and ends exactly at the end.
    function fills(wanted, at, end) { return is(wanted, at, end) && stop == end }

    function decode(pem,   lines, count, at, body, bits, held, out, place) {
      count = split(pem, lines, "\n")
      if (lines[1] != "-----BEGIN CERTIFICATE REQUEST-----") return 0
      while (count > 1 && lines[count] == "") count--
      if (lines[count] != "-----END CERTIFICATE REQUEST-----") return 0
      body = ""
      for (at = 2; at < count; at++) body = body lines[at]
      if (body !~ /^[A-Za-z0-9+\/]+=?=?$/ || length(body) % 4 != 0) return 0
      sub(/=+$/, "", body)
      for (at = 1; at <= length(body); at++) {
        held = held * 64 + index(base64, substr(body, at, 1)) - 1
        bits += 6
        if (bits >= 8) {
          bits -= 8
          place = bits == 0 ? 1 : bits == 2 ? 4 : 16
          out = out sprintf("%02x", int(held / place))
          held = held % place
        }
      }
      der = out
      return 1
    }

    # Decodes a PEM text from hexadecimal digits.
    function unhex(hex,   at, code, out) {
      for (at = 1; at < length(hex); at += 2) {
        code = 16 * nibble(substr(hex, at, 1)) + nibble(substr(hex, at + 1, 1))
        if (code == 10) out = out "\n"
        else if (code < 32 || code > 126) return ""
        else out = out (code == 32 ? " " : substr(printable, code - 32, 1))
      }
      return out
    }

    function subject(at, end,   set_end, pair_end, kind, value) {
      organizations = 0; organization = ""; commons = 0; common = ""
      while (at < end) {
        if (!is("31", at, end)) return 0
        set_end = stop
        if (!fills("30", start, set_end)) return 0
        pair_end = stop
        if (!is("06", start, pair_end)) return 0
        kind = bytes(start, stop)
        if (!element(stop, pair_end) || stop != pair_end || (tag != "13" && tag != "0c")) return 0
        value = text(bytes(start, stop))
        if (kind == "55040a") { organizations++; organization = value }
        else if (kind == "550403") { commons++; common = value }
        else return 0
        at = set_end
      }
      return organizations == 1 && commons == 1
    }

    # Exactly one attribute with exactly one extension: the alternative names of the certificate.
    function names(at, end) {
      name_count = 0
      if (!fills("30", at, end)) return 0
      end = stop
      if (!is("06", start, end) || bytes(start, stop) != "2a864886f70d01090e") return 0
      if (!fills("31", stop, end) || !fills("30", start, end) || !fills("30", start, end)) return 0
      if (!is("06", start, end) || bytes(start, stop) != "551d11") return 0
      at = stop
      if (is("01", at, end)) at = stop
      if (!fills("04", at, end) || !fills("30", start, end)) return 0
      for (at = start; at < end; at = stop) {
        if (!element(at, end) || (tag != "82" && tag != "87")) return 0
        name_count++
        name_kind[name_count] = tag
        name_value[name_count] = bytes(start, stop)
      }
      return name_count > 0
    }

    function request(   all, end, at) {
      all = length(der) / 2
      if (!fills("30", 0, all) || !is("30", start, all)) return 0
      end = stop
      if (!is("02", start, end) || bytes(start, stop) != "00") return 0
      if (!is("30", stop, end)) return 0
      at = stop
      if (!subject(start, at)) return 0
      if (!is("30", at, end) || !fills("a0", stop, end)) return 0
      return names(start, end)
    }

    # Converts an address to the bytes, in hexadecimal, that a certificate contains.
    function address(plain,   part, count, at, group, out, gap, left) {
      if (plain ~ /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/) {
        split(plain, part, ".")
        for (at = 1; at <= 4; at++) if (part[at] > 255) return ""
        return sprintf("%02x%02x%02x%02x", part[1], part[2], part[3], part[4])
      }
      if (plain !~ /^[0-9a-fA-F:]+$/ || plain !~ /:/) return ""
      plain = tolower(plain)
      sub(/^::/, "0::", plain)
      sub(/::$/, "::0", plain)
      count = split(plain, part, ":")
      for (at = 1; at <= count; at++) {
        group = part[at]
        if (length(group) > 4) return ""
        if (group == "") {
          if (gap++) return ""
          for (left = 8 - (count - 1); left > 0; left--) out = out "0000"
        } else out = out substr("0000" group, length(group) + 1)
      }
      return length(out) == 32 ? out : ""
    }

    # Whether an address is neither local to a host (loopback, link-local) nor a multicast address or the like.
    function is_usable(hex) {
      if (length(hex) == 8) return hex !~ /^(00|7f|a9fe|e|f)/
      return hex !~ /^(00000000000000000000|fe[89ab]|ff)/
    }

    function cause(user, groups, usages,   node, at, other, allowed, value) {
      if (!(usages in known_usages)) return "its usages are not those of a serving certificate"
      if (!request()) return "it is not written as a kubelet writes it"
      if (organization != "system:nodes") return "its organization is not system:nodes"
      if (common != user || user !~ /^system:node:[a-z0-9.-]+$/) return "it was made by another than it names"
      if (index("," groups, "," nodes_group ",") == 0) return "it was not made by a node"
      node = substr(user, 13)
      decided_node = node
      if (!(node in machine)) return "node " node " is no machine"
      if (machine[node] != "auto") return "machine " node " wants its certificates approved by hand"
      if (!(node in node_addresses)) return "node " node " does not exist"
      allowed = declared[node] != "" ? declared[node] : node_addresses[node]
      for (at = 1; at <= name_count; at++) {
        value = name_value[at]
        if (name_kind[at] == "82") {
          if (text(value) != node) return "it is for another name than " node
          continue
        }
        if (index(allowed " ", " " value " ") == 0) return "it is for an address that node " node " does not have"
        if (!is_usable(value)) return "it is for an address that other hosts have, too"
        if (index(reserved " ", " " value " ") > 0) return "it is for an address of the API server"
        for (other in node_addresses)
          if (other != node && index(node_addresses[other] " ", " " value " ") > 0)
            return "it is for an address that node " other " has, too"
      }
      return ""
    }

    function hex_of(plain,   at, out) {
      for (at = 1; at <= length(plain); at++)
        out = out (substr(plain, at, 1) == " " ? "20" : sprintf("%02x", index(printable, substr(plain, at, 1)) + 32))
      return out
    }

    BEGIN {
      printable = "!\"#$%&\047()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
      base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
      nodes_group = hex_of("system:nodes")
      signature = hex_of("digital signature") ","
      encipherment = hex_of("key encipherment") ","
      server = hex_of("server auth") ","
      known_usages[signature server]
      known_usages[server signature]
      known_usages[signature encipherment server]
      known_usages[encipherment signature server]
      known_usages[signature server encipherment]
      known_usages[encipherment server signature]
      known_usages[server signature encipherment]
      known_usages[server encipherment signature]
    }
    $1 == "machine" {
      machine[$2] = $3
      count = split($4, part, "_")
      for (i = 1; i <= count; i++) {
        gsub("-", ":", part[i])
        declared[$2] = declared[$2] " " address(part[i])
      }
    }
    $1 == "node" {
      node_addresses[$2] = ""
      for (i = 3; i <= NF; i++) if ((hex = address(text($i))) != "") node_addresses[$2] = node_addresses[$2] " " hex
    }
    $1 == "reserved" { for (i = 2; i <= NF; i++) if ((hex = address(text($i))) != "") reserved = reserved " " hex }
    $1 == "request" {
      pem = unhex($6)
      why = NF != 8 ? "it lacks usages or groups" : !decode(pem) ? "it is no certificate request" : cause(text($5), $8, $7)
      if (why == "") print "approve", $2, $3, $4, decided_node
      else print "leave", $2, why
    }'
}
