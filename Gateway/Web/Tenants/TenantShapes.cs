using System.Text.Json.Serialization;

namespace AMA.Gateway.Web.Tenants;

// What comes in is strict: a misspelt member would otherwise be a setting its author believes in and that has no
// effect. What goes out is not, so that shapes may grow.

/// <summary>A tenant to create.</summary>
/// <param name="Name">1 to 64 letters (a to z), digits or '-'; unique in the region, whatever the case.</param>
/// <param name="JournalAddresses">Where the customer's mail server will send its journal; at least one.</param>
/// <param name="SecondFactor">
/// Who needs one: "by-role" (left out; everybody but role user), "everybody", or "off", which only a gateway that this
/// machine alone can reach takes.
/// </param>
/// <param name="JournalDomains">Domains of which every address is the tenant's.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewTenantShape(
    string Name, string[] JournalAddresses, string? SecondFactor = null, string[]? JournalDomains = null);

/// <summary>Who of a tenant needs a second factor.</summary>
/// <param name="SecondFactor">"by-role", "everybody" or "off".</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SecondFactorRuleShape(string SecondFactor);

/// <summary>A tenant: one customer's archive.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Region">Where its data lives and stays: "eu" or "us".</param>
/// <param name="JournalAddresses">
/// Addresses whose mail is archived for this tenant; also with "+" and anything behind their local part.
/// </param>
/// <param name="JournalDomains">Domains of which every address is the tenant's.</param>
/// <param name="Suspended">Its mail is put off.</param>
/// <param name="MessageBytesMax">The tenant's own limit; left out: the gateway's.</param>
/// <param name="MessagesPerMinuteMax">At each SMTP gateway; left out: none.</param>
/// <param name="Sources">
/// When the tenant has just been made: its first source, with the password that cannot be read again.
/// </param>
public sealed record TenantShape(
    string Name, string Region, string[] JournalAddresses, string[] JournalDomains, bool Suspended,
    long? MessageBytesMax, int? MessagesPerMinuteMax, SourceShape[] Sources);

/// <summary>A user to create.</summary>
/// <param name="User">The name to sign in with, unique at the tenant.</param>
/// <param name="Role">
/// "user" finds mail whose envelope or headers name one of their addresses, "auditor" the tenant's archive,
/// "tenant-admin" keeps the users; "security-officer-provider" is made by the operator.
/// </param>
/// <param name="Addresses">The person's own addresses; what a "user" may see follows from them.</param>
/// <param name="Password">At least 12 characters. Left out: one is made and answered, this once.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record NewUserShape(string User, string Role, string[]? Addresses = null, string? Password = null)
{
    public override string ToString() => "[new user]";
}

/// <summary>What changes of a user; the rest stays.</summary>
/// <param name="Disabled">True: can't sign in, and sessions end at once.</param>
/// <param name="Role">"user", "auditor", "tenant-admin", or "security-officer-tenant", which is proposed.</param>
/// <param name="Addresses">The person's own addresses, all of them.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record UserChangeShape(bool? Disabled = null, string? Role = null, string[]? Addresses = null);

/// <summary>A tenant's users.</summary>
/// <param name="Items">All of them.</param>
public sealed record UsersShape(UserShape[] Items);

/// <summary>A user.</summary>
/// <param name="User">The name to sign in with.</param>
/// <param name="Role">The role's name.</param>
/// <param name="Addresses">The person's own addresses.</param>
/// <param name="Password">Only where it was made just now; it cannot be read again.</param>
/// <param name="Disabled">Can't sign in.</param>
/// <param name="MustChangePassword">The password is a one-time one.</param>
/// <param name="SecondFactor">A second factor is enrolled.</param>
/// <param name="ProposedRole">A role that waits for a second person's approval.</param>
/// <param name="ProposedBy">Who proposed it.</param>
public sealed record UserShape(
    string User, string Role, string[] Addresses, string? Password, bool Disabled = false,
    bool MustChangePassword = false, bool SecondFactor = false, string? ProposedRole = null, string? ProposedBy = null)
{
    public override string ToString() => "[user]";
}
