/** Where MAAS does other than its list of operations says, and where the lab does: each with the reason. */

/** Operations that MAAS has though its list does not name them. */
export const beyondTheList: Readonly<Record<string, string>> = {
  "GET commissioning-results/": "the older name of installation-results/, kept by its URL table",
  "GET scripts/{name} download": "left out by the generator (src/maasserver/api/scripts.py)",
  "GET describe/": "not an operation: the description itself",
  "GET openapi.yaml": "not an operation: the description itself",
  "GET vlans/{vlan_id}/": "the same handler under a second path (src/maasserver/urls_api.py)",
  "PUT vlans/{vlan_id}/": "the same handler under a second path (src/maasserver/urls_api.py)",
  "DELETE vlans/{vlan_id}/": "the same handler under a second path (src/maasserver/urls_api.py)",
};

export interface Excuse {
  operations: RegExp;
  names: RegExp;
  reason: string;
}

/** Parameters that are read though the list does not name them. */
export const readsMore: readonly Excuse[] = [
  {
    operations: /^GET (machines|devices|nodes)\/|^POST machines\/ allocate$/,
    names:
      /^(not_)?(in_|arch|tags|owner|vlans|fabric|cpu_speed|system_id|power_state|deployment_target|simple_status|id$|hostname|domain|agent_name|status|link_speed|zone|pool)/,
    reason: "the form of filters has more fields than are described (src/maasserver/node_constraint_filter_forms.py)",
  },
  {
    operations: /^POST machines\/ allocate$/,
    names: /^(install_|register_vmhost|ephemeral_deploy|enable_hw_sync|bridge_type)/,
    reason: "read with the options of a deployment (src/maasserver/api/machines.py, get_allocation_options)",
  },
  {
    operations: /^POST machines\/(\{system_id\}\/ (commission|test|release))?$/,
    names:
      /^(scripts$|storage$|url$|interface$|maas_auto_ipmi_|[\w-]+_(storage|url|interface|secure_erase|quick_erase)$|30-maas-01-bmc-config_)/,
    reason: "parameters of scripts, by the script's name or without it",
  },
  {
    operations: /^(POST machines\/|PUT machines\/\{system_id\}\/)$/,
    names: /^(power_parameters|zone|pool|swap_size|cpu_count|memory|subarchitecture)/,
    reason: "fields of the form for administrators (src/maasserver/forms/__init__.py, AdminMachineForm)",
  },
  {
    operations: /^(POST|PUT) devices\//,
    names: /^(power_type|zone|pool|min_hwe_kernel|swap_size|cpu_count|memory)$/,
    reason:
      "the zone is a field of the form; the others are read by what the lab's form shares with machines, to no effect",
  },
  {
    operations: /^PUT dhcp-snippets/,
    names: /^iprange$/,
    reason: "a field of the form (src/maasserver/forms/dhcpsnippet.py)",
  },
  {
    operations: /^PUT regioncontrollers/,
    names: /^domain$/,
    reason: "a field of the form (src/maasserver/forms/__init__.py, ControllerForm)",
  },
  { operations: /^DELETE machines/, names: /^force$/, reason: "read by the handler (src/maasserver/api/machines.py)" },
  {
    operations: /dnsresource|^POST domains\/$/,
    names: /^(fqdn|ttl|ip_addresses)$/,
    reason: "fields of the forms (src/maasserver/forms/dnsresource.py, dnsdata.py, domain.py)",
  },
  {
    operations: /^PUT ipranges/,
    names: /^(subnet|type|user)$/,
    reason: "fields of the form, which refuses to change the type (src/maasserver/forms/iprange.py)",
  },
  {
    operations: /set_workload_annotations$/,
    names: /./,
    reason: "any key is an annotation",
  },
  {
    operations: /blockdevices\//,
    names: /^(numa_node|partition_table_type|label)$/,
    reason: "fields of the forms (src/maasserver/forms/__init__.py)",
  },
  {
    operations: /interfaces\//,
    names: /^(parents?|name|enabled|link_connected|interface_speed|bond_num_grat_arp)$/,
    reason: "fields of the forms, and the API's own other names for them (src/maasserver/forms/interface.py)",
  },
  { operations: /^GET events\/ query$/, names: /^(domain|pool|op)$/, reason: "filters of nodes; op is checked too" },
  {
    operations: /^GET scripts\/\{name\} download$/,
    names: /^rev$/,
    reason: "the older name of revision (src/maasserver/api/scripts.py)",
  },
  { operations: /results\/\{id\}\/ download$/, names: /^include_output$/, reason: "read and not needed" },
  {
    operations: /sshkeys\/$/,
    names: /^user$/,
    reason: "an administrator may add another's key (src/maasserver/api/sshkeys.py)",
  },
  {
    operations: /(subnets|vlans)\//,
    names: /^(space|active_discovery|dhcp_on|primary_rack|secondary_rack|relay_vlan|fabric|vid)$/,
    reason: "fields of the forms (src/maasserver/forms/subnet.py, vlan.py)",
  },
  {
    operations: /^POST notifications/,
    names: /^dismissable$/,
    reason: "a field of the form (src/maasserver/forms/notification.py)",
  },
  { operations: /^PUT tags/, names: /^kernel_opts$/, reason: "a field of the form (src/maasserver/forms/__init__.py)" },
];

/** Parameters that the list names and nothing reads. */
export const readsLess: readonly Excuse[] = [
  {
    operations: /./,
    names: /\{/,
    reason: "a pattern that the generator took for a name",
  },
  {
    operations: /^(GET|PUT) (rack|region)controllers/,
    names: /./,
    reason: "the lab's one controller is listed by id and host name alone, and its power and domain stay",
  },
  {
    operations: /^(POST|PUT) boot-sources/,
    names: /^keyring_data$/,
    reason: "read when it is a file, which fields here are not",
  },
  { operations: /^GET dnsresources\/$/, names: /^all$/, reason: "shows what MAAS itself would generate" },
  { operations: /set_workload_annotations$/, names: /^key$/, reason: "stands for any key" },
  { operations: /mark_fixed$/, names: /^comment$/, reason: "MAAS does not read it either" },
  { operations: /(commission|test)$/, names: /^parameters$/, reason: "stands for the parameters of the scripts" },
  { operations: /deploy$/, names: /^vcenter_registration$/, reason: "ESXi is not simulated" },
  { operations: /^PUT machines/, names: /^disable_ipv4$/, reason: "without effect since MAAS 2.0" },
  { operations: /power_o(n|ff)$/, names: /^(user_data|stop_mode)$/, reason: "the lab's BMCs know one way" },
  { operations: /release$/, names: /^force$/, reason: "it is for VM hosts, which are not simulated" },
  {
    operations: /mount_special$/,
    names: /^mount_option$/,
    reason: "MAAS reads mount_options (src/maasserver/forms/filesystem.py)",
  },
  { operations: /^PUT .*vmfs-datastore/, names: /./, reason: "the machine that is asked has none; its own tests have" },
  { operations: /update_nodes$/, names: /^rack_controller$/, reason: "for the racks that evaluate tags" },
];

/** Required by the list and not by MAAS. */
export const notRequired: readonly Omit<Excuse, "names">[] = [
  {
    operations: /^PUT |^POST spaces\/$/,
    reason: "a form that changes something keeps what is not sent; a space without a name gets one",
  },
  { operations: /set_workload_annotations$/, reason: "no key at all changes nothing" },
  { operations: /power_parameters$|^POST machines\/ release$/, reason: "no list is none, or all of them" },
];

/** The list knows one good status of most operations, and of some none that they answer. */
export const otherStatuses: readonly { operations: RegExp; statuses: readonly number[]; reason: string }[] = [
  {
    operations: /^DELETE |delete_logical_volume$|discovery\/ clear$/,
    statuses: [204],
    reason: "every deletion (facts: maas.md 1.4)",
  },
  { operations: /./, statuses: [200], reason: "every other success (facts: maas.md 1.4)" },
];
