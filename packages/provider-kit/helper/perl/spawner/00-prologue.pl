# What every other part stands on: pragmas, modules, and the names that the parts share.
# Only modules of perl-base are used, so that any Debian, Ubuntu or similar machine can run it with nothing installed.
package main;
use strict;
use warnings;
no warnings qw(exec portable);
use Errno ();
use Fcntl ();
use POSIX ();
use Socket ();
use Config ();

# The handshake's values, set by the boot line before this program is evaluated.
our ($MOORING_NONCE, $MOORING_KIND, $MOORING_SOURCE);

# Whether a hub forked this helper: many may be beginning at once then, and what none of them needs yet can wait.
our $IS_FORKED = 0;

# Whether this helper is a hub itself.
our $IS_HUB = 0;

# What the client may ask for: operation name => sub ($id, $request).
our %OPERATIONS;

# Requests under way that want to hear of later frames: id => { on_data, on_end, on_credit, on_abandon }.
our %REQUESTS;

# What session.open settled: root, read_roots, write_roots, state_directory, env, confinement, ...
our %SESSION;

# All commands that this session knows: commandId => command. Those that ended stay, as an id may not be used again.
our %COMMANDS;

# Called once each when the session ends, whatever ends it.
our @SESSION_END_HOOKS;

# A helper whose descriptors leak into a command would keep pipes open for ever: nothing above 2 is inherited by accident.
$^F = 2;
