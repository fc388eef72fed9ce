using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Ids;
using Orleans;

namespace AMA.Grains.Control.SignIn;

/// <summary>
/// Where used codes are kept: apart from the accounts, so that a sign-in writes as little with ten thousand users as
/// with one; and not a state for each person, whose mark the audit log would have to remember for ever.
/// </summary>
internal static class SecondFactorShards
{
    /// <summary>Two hex digits of the key.</summary>
    private const int StepDigits = 2;

    /// <summary>Three: used recovery codes stay.</summary>
    private const int CodeDigits = 3;

    public const int CodeShards = 4096;

    private const int KeyBytes = 16;

    /// <summary>A name for the person that shows no name.</summary>
    public static string KeyOf(Guid tenant, string user) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant:N}\0{user}")), 0, KeyBytes);

    public static ISpentStepsGrain SpentSteps(this IGrainFactory grains, Region region, string key) =>
        grains.GetGrain<ISpentStepsGrain>($"{region.Text()}/{key[..StepDigits]}");

    public static ISpentCodesGrain SpentCodes(this IGrainFactory grains, Region region, string key) =>
        grains.GetGrain<ISpentCodesGrain>($"{region.Text()}/{key[..CodeDigits]}");
}
