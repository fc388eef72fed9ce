using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <summary>
/// Routes of the admin socket. Every one that is registered as a singleton is mapped when the silo is up, with its
/// dependencies from the silo's container (docs/control.md, "The admin socket").
/// </summary>
public interface IAdminRoutes
{
    /// <param name="routes">The root; paths begin with "/v1/".</param>
    void Map(IEndpointRouteBuilder routes);
}
