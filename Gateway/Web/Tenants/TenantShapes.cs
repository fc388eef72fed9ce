using System.Text.Json.Serialization;

namespace AMA.Gateway.Web.Tenants;

// What comes in is strict: a misspelt member would otherwise be a setting its author believes in and that has no
// effect. What goes out is not, so that shapes may grow.

/// <summary>A tenant to create.</summary>
/// <param name="Name">1 to 64 letters (a to z), digits or '-'; unique in the region, whatever the case.</param>
/// <param name="JournalAddresses">Where the customer's mail server will send its journal; at least one.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewTenantShape(string Name, string[] JournalAddresses);

/// <summary>A tenant: one customer's archive.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Region">Where its data lives and stays: "eu" or "us".</param>
/// <param name="JournalAddresses">Addresses whose mail is archived for this tenant.</param>
public sealed record TenantShape(string Name, string Region, string[] JournalAddresses);

/// <summary>A user to create.</summary>
/// <param name="User">The name to sign in with, unique at the tenant.</param>
/// <param name="Role">
/// "user" finds mail whose envelope or headers name one of their addresses, "auditor" the tenant's archive.
/// </param>
/// <param name="Addresses">The person's own addresses; what a "user" may see follows from them.</param>
/// <param name="Password">At least 12 characters. Left out: one is made and answered, this once.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewUserShape(string User, string Role, string[]? Addresses = null, string? Password = null);

/// <summary>A user.</summary>
/// <param name="User">The name to sign in with.</param>
/// <param name="Role">"user" or "auditor".</param>
/// <param name="Addresses">The person's own addresses.</param>
/// <param name="Password">Only where it was made just now; it cannot be read again.</param>
public sealed record UserShape(string User, string Role, string[] Addresses, string? Password);
