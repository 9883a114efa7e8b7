# SHA-256 of short texts, which perl-base has no module for: session ids become directory names by it.

my @sha_constants = map { unpack('N', pack('H8', $_)) } qw(
  428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5 d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe
  9bdc06a7 c19bf174 e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da 983e5152 a831c66d b00327c8 bf597fc7
  c6e00bf3 d5a79147 06ca6351 14292967 27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85 a2bfe8a1 a81a664b
  c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070 19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3
  748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2);

# A word beside itself: shifted right, its lower half is the word rotated. Sessions begin with this, so it is no function.
sub sha256_hex {
  my ($text) = @_;
  my @state = map { unpack('N', pack('H8', $_)) } qw(6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19);
  my $padded = $text . "\x80" . "\0" x ((55 - length $text) % 64) . pack('Q>', 8 * length $text);
  for my $block (unpack('(a64)*', $padded)) {
    my @words = unpack('N16', $block);
    for my $i (16 .. 63) {
      my ($x, $y) = @words[$i - 15, $i - 2];
      my ($xx, $yy) = ($x << 32 | $x, $y << 32 | $y);
      my $s0 = ($xx >> 7 ^ $xx >> 18 ^ $x >> 3) & 0xffff_ffff;
      my $s1 = ($yy >> 17 ^ $yy >> 19 ^ $y >> 10) & 0xffff_ffff;
      $words[$i] = ($words[$i - 16] + $s0 + $words[$i - 7] + $s1) & 0xffff_ffff;
    }
    my ($a, $b, $c, $d, $e, $f, $g, $h) = @state;
    for my $i (0 .. 63) {
      my ($aa, $ee) = ($a << 32 | $a, $e << 32 | $e);
      my $s1 = ($ee >> 6 ^ $ee >> 11 ^ $ee >> 25) & 0xffff_ffff;
      my $choice = ($e & $f) ^ (~$e & 0xffff_ffff & $g);
      my $first = ($h + $s1 + $choice + $sha_constants[$i] + $words[$i]) & 0xffff_ffff;
      my $s0 = ($aa >> 2 ^ $aa >> 13 ^ $aa >> 22) & 0xffff_ffff;
      my $second = ($s0 + (($a & $b) ^ ($a & $c) ^ ($b & $c))) & 0xffff_ffff;
      ($h, $g, $f, $e, $d, $c, $b, $a) = ($g, $f, $e, ($d + $first) & 0xffff_ffff, $c, $b, $a, ($first + $second) & 0xffff_ffff);
    }
    my @round = ($a, $b, $c, $d, $e, $f, $g, $h);
    $state[$_] = ($state[$_] + $round[$_]) & 0xffff_ffff for 0 .. 7;
  }
  return unpack('H*', pack('N8', @state));
}
