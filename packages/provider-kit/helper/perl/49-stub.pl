sub durable_command_exists { 0 } sub durable_directories { () } sub durable_is_alive { 0 } sub list_durable { () } sub end_durable_past_lifetime {}
sub prepare_durable { die } sub durable_started {} sub discard_durable {} sub cancel_durable {} sub signal_durable {} sub begin_journal {} sub journal_commands {} sub end_durable {}
