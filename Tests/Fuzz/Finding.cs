namespace AMA.Tests.Fuzz;

/// <summary>A target's rule is broken.</summary>
internal sealed class Finding(string rule) : Exception(rule)
{
    public static void Unless(bool holds, string rule)
    {
        if (!holds) throw new Finding(rule);
    }
}
